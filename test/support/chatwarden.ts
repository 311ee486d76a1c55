import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { openChatwarden } from '../../src/app/open.ts'
import type { Opened } from '../../src/app/opened.ts'
import { createLogger } from '../../src/kernel/log.ts'
import type { Handled, IncomingMessage } from '../../src/kernel/message.ts'
import type { AtEnd } from './at-end.ts'
import { beginMigrated, dropDatabases, openRaw, testDatabase } from './database.ts'
import { removeFolder } from './remove-folder.ts'

export const OWNER = '+15550000101'
export const OWNER2 = '+15550000102'
export const OWNER3 = '+15550000103'
export const ADMIN = '+15550000201'
export const ADMIN2 = '+15550000202'
export const OPERATOR = '+15550000301'
export const USER = '+15550000401'
export const STRANGER = '+15550000901'

/** A folder that is gone after the test, and the databases that were made for it. */
export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(process.env.TEST_FOLDER ?? tmpdir(), 'chatwarden-test-'))
  atEnd(() => {
    dropDatabases(folder)
    removeFolder(folder)
  })
  return folder
}

/** A clock that stands still until it is moved. */
export class FakeClock {
  time: number
  constructor(time = Date.UTC(2026, 5, 15, 12)) {
    this.time = time
  }
  now = () => this.time
  advance(ms: number) {
    this.time += ms
  }
}

export interface TestWarden extends Opened {
  readonly folder: string
  readonly path: string
  readonly url: string
  /** Sends a command, by default in private, and returns how it was handled. */
  say(as: string, text: string, more?: Partial<IncomingMessage>): Promise<Handled>
  /** The first reply's text; fails if there is none. */
  ask(as: string, text: string, more?: Partial<IncomingMessage>): Promise<string>
  /** Reads or changes the database behind Chatwarden's back. */
  sql<T = Record<string, unknown>>(sql: string, ...values: unknown[]): T[]
}

/** A Chatwarden on a database of its own, with one user of each role, closed after the test. */
export async function openTestWarden(
  options: ChatwardenOptions = {},
  folder?: string,
  atEnd: AtEnd = onTestFinished,
): Promise<TestWarden> {
  folder ??= temporaryFolder(atEnd)
  const { path, url } = testDatabase(folder)
  await beginMigrated(path)
  const chatwarden = await openChatwarden({
    jobs: false,
    log: createLogger('silent'),
    ...options,
    env: {
      DATABASE_URL: url,
      DATA_DIR: folder,
      OWNER_PHONE_NUMBERS: OWNER,
      ADMIN_PHONE_NUMBERS: `${ADMIN},${ADMIN2}`,
      OPERATOR_PHONE_NUMBERS: OPERATOR,
      // Tests write faster than people.
      RATE_LIMIT_USER: '0',
      RATE_LIMIT_GLOBAL: '0',
      ...options.env,
    },
  })
  atEnd(() => chatwarden.close())
  const say = (as: string, text: string, more: Partial<IncomingMessage> = {}) =>
    chatwarden.handle({
      id: randomUUID(),
      source: 'api',
      chat: { id: as, kind: 'private' },
      sender: { id: as },
      text,
      ...more,
    })
  return {
    ...chatwarden,
    folder,
    path,
    url,
    say,
    ask: async (as, text, more) => {
      const { replies } = await say(as, text, more)
      if (replies[0] === undefined) throw new Error(`No reply to ${JSON.stringify(text)}`)
      return replies[0].text
    },
    sql: <T>(sql: string, ...values: unknown[]) => {
      const database = openRaw(path)
      try {
        const statement = database.prepare(sql)
        if (statement.reader) return statement.all(...values) as T[]
        statement.run(...values)
        return []
      } finally {
        database.close()
      }
    },
  }
}

/** The default users with a USER too, who can only be made by a command. */
export async function openWithUser(
  options: ChatwardenOptions = {},
  atEnd: AtEnd = onTestFinished,
): Promise<TestWarden> {
  const warden = await openTestWarden(options, undefined, atEnd)
  await warden.say(OWNER, `!config role promote ${USER} USER`)
  return warden
}
