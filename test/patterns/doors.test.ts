import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

/** What takes in whatever there is, of any depth and size: where it stands, how often, and why it may. */
const WITHOUT_MEASURE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'JSON.parse(': {
    // The one place where JSON of others is read.
    'kernel/json.ts': 1,
    // What was measured just before and written as JSON by the same statement.
    'kernel/readable.ts': 1,
    // The metadata of a draft, which was measured when it was made.
    'audit/write/appender.ts': 1,
    'audit/write/spool-line.ts': 1,
    // Rows that this trail's key has sealed.
    'commands/outbox.repository.ts': 2,
    'commands/page-cursor.repository.ts': 1,
    // Files of the package.
    'cli/cli.ts': 1,
    'storage/postgresql/schema/postgres-schema.ts': 1,
  },
  // The one place where something is unpacked.
  'createGunzip(': { 'audit/export/unpacked.ts': 1 },
  'gunzipSync(': {},
  'unzip(': {},
  'inflate(': {},
  // Lines of any length.
  'createInterface(': { 'chat/terminal/prompt.ts': 1 },
  'readFile(': {
    // Fonts and a program of packages.
    'charts/png.ts': 3,
    // What was measured just before it is sent.
    'chat/whatsapp/parcel.ts': 1,
  },
  'readFileSync(': {
    // What the operator configures.
    'config.ts': 1,
    'storage/postgresql/connection.ts': 2,
    // What the system tells of processes.
    'chat/whatsapp/processes.ts': 1,
    // Files of the package.
    'cli/cli.ts': 1,
    'storage/migration-files.ts': 1,
    'storage/postgresql/schema/postgres-schema.ts': 1,
  },
}

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('storage/generated/'))

const timesIn = (file: string, call: string): number =>
  readFileSync(join(SRC, file), 'utf8').split(new RegExp(`(?<![\\w#])${call.replace(/[.(]/g, '\\$&')}`)).length - 1

test.each(Object.entries(WITHOUT_MEASURE))(
  '%s stands only where it is known why nothing is too large for it',
  (call, known) => {
    const found = sources.map((file) => [file, timesIn(file, call)] as const).filter(([, times]) => times > 0)
    expect(Object.fromEntries(found)).toEqual(known)
  },
)
