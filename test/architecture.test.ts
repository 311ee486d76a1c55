import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** The rooms of the design and what each may import. Files directly in `src` other than config.ts compose, and so do those in `cli`: they may import all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  'config.ts': ['kernel', 'config'],
  config: ['kernel'],
  text: ['kernel'],
  storage: ['kernel'],
  schedule: ['kernel'],
  guards: ['kernel'],
  charts: ['kernel'],
  objects: ['kernel'],
  audit: ['kernel', 'storage'],
  roles: ['kernel', 'storage', 'audit'],
  settings: ['kernel', 'storage', 'audit'],
  usage: ['kernel', 'storage', 'audit'],
  backup: ['kernel', 'storage', 'audit', 'roles'],
  move: ['kernel', 'storage', 'audit'],
  report: ['kernel', 'text', 'storage', 'audit'],
  commands: ['kernel', 'text', 'storage', 'audit', 'roles', 'settings'],
  chat: ['kernel', 'text'],
  doctor: ['kernel', 'config', 'config.ts', 'storage', 'audit', 'roles', 'chat'],
}

const COMPOSING = [
  'main.ts',
  'chatwarden.ts',
  'attach.ts',
  'serve.ts',
  'jobs.ts',
  'subject-hash.ts',
  'archiving-parts.ts',
  'file-parts.ts',
  'kept-replies.ts',
  'answering.ts',
  'whatsapp-parts.ts',
  'guard-parts.ts',
  'setting-parts.ts',
  'erasure-parts.ts',
  'replays.ts',
  'doctor.ts',
  'bot.ts',
  'say.ts',
  'cli.ts',
  'operator.ts',
  'defaults.ts',
  'index.ts',
  'usage-error.ts',
]

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('storage/generated'),
)

const roomOf = (file: string): string => file.split('/')[0] ?? file

function importsOf(file: string): string[] {
  const source = readFileSync(join(SRC, file), 'utf8')
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '')
}

function importedFiles(file: string): string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(SRC, join(SRC, file, '..', specifier)))
}

describe('the arrows of the design', () => {
  test.each(files.filter((file) => !COMPOSING.includes(file) && !['app', 'cli'].includes(roomOf(file))))(
    '%s imports only what its room may',
    (file) => {
      const room = roomOf(file)
      expect(Object.keys(MAY_IMPORT)).toContain(room)
      const forbidden = importedFiles(file).filter(
        (imported) => roomOf(imported) !== room && !MAY_IMPORT[room]?.includes(roomOf(imported)),
      )
      expect(forbidden).toEqual([])
    },
  )

  test('only repositories and the storage room touch Prisma or what it generates', () => {
    const touching = files.filter((file) => importsOf(file).some((name) => /^@prisma|\/generated\//.test(name)))
    expect(touching.filter((file) => !file.startsWith('storage/') && !file.endsWith('.repository.ts'))).toEqual([])
  })

  test('commands take from storage types alone: what they keep, they keep through their repositories', () => {
    const sources = files
      .filter((file) => roomOf(file) === 'commands')
      .map((file) => readFileSync(join(SRC, file), 'utf8'))
    const imports = sources.flatMap((source) =>
      [...source.matchAll(/import (.*) from '[./]+storage\//g)].map(([line]) => line),
    )
    // What a repository writes SQL with is no database.
    const isAllowed = (line: string) => line.startsWith('import type') || line === "import { Prisma } from '../storage/"
    expect(imports.filter((line) => !isAllowed(line))).toEqual([])
  })

  test('only the configuration reads the environment', () => {
    const reading = files.filter((file) => /process\.env\b/.test(readFileSync(join(SRC, file), 'utf8')))
    expect(reading).toEqual(['config.ts'])
  })

  test('a transport knows no command and a command knows no transport', () => {
    const crossing = files.filter((file) =>
      importedFiles(file).some(
        (imported) =>
          (roomOf(file) === 'chat' && roomOf(imported) === 'commands') ||
          (roomOf(file) === 'commands' && roomOf(imported) === 'chat'),
      ),
    )
    expect(crossing).toEqual([])
  })
})
