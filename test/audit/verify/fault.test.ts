import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { ChatAdapter, Content } from '../../../src/chat/adapter.ts'
import type { IncomingMessage } from '../../../src/kernel/message.ts'
import { OWNER, OWNER2, openTestWarden, type TestWarden, USER } from '../../support/chatwarden.ts'
import { beforeStatements } from '../../support/children/before-statements.mjs'
import { onPostgres } from '../../support/database.ts'
import { fromAccount } from '../../support/rich-trail.ts'
import { findingsIn, keyIn } from '../../support/tamper.ts'

/** A platform that never tells that anything has arrived, so that replies stay kept. */
class Platform implements ChatAdapter {
  readonly source = 'whatsapp'
  readonly ended = new Promise<void>(() => {})
  readonly sent: Content[] = []
  #onMessage: (message: IncomingMessage) => Promise<void> = async () => {}

  async start(onMessage: (message: IncomingMessage) => Promise<void>): Promise<void> {
    this.#onMessage = onMessage
  }
  readonly send = async (_to: unknown, content: Content): Promise<void> => {
    this.sent.push(content)
  }
  onSettled(): void {}
  async stop(): Promise<void> {}

  write(text: string): Promise<void> {
    return this.#onMessage({ id: randomUUID(), text, ...fromAccount(OWNER, '1@lid') })
  }
}

let restore = () => {}
afterEach(() => restore())

/** As SQLite says that the disk failed, and PostgreSQL. */
const FAULT = { code: onPostgres ? '58030' : 'SQLITE_IOERR' }

/** The driver fails before the nth statement of a write transaction, its COMMIT among them, once. */
function failBefore(nth: number): { readonly reached: boolean } {
  const state = { reached: false }
  let count = 0
  restore = beforeStatements((sql) => {
    if (state.reached || sql === 'ROLLBACK' || ++count < nth) return
    state.reached = true
    throw Object.assign(new Error('disk I/O error'), FAULT)
  })
  return state
}

const stateOf = (warden: TestWarden) => ({
  users: warden.sql('SELECT a.account, u.role FROM users u JOIN accounts a ON a.user_id = u.id ORDER BY a.account'),
  pins: warden.sql('SELECT account FROM accounts WHERE phone IS NOT NULL'),
  changes: warden.sql("SELECT action, resource_id FROM audit_logs WHERE action IN ('ROLE_CHANGE', 'IDENTITY_PINNED')"),
  kept: warden.sql('SELECT count(*) AS n FROM outbox_messages'),
  processed: warden.sql('SELECT count(*) AS n FROM processed_messages'),
  head: warden.sql('SELECT size FROM audit_head'),
  leaves: warden.sql('SELECT length(hashes) / 32 AS n FROM audit_tiles'),
})

test('a fault before any statement of a command leaves all of it or nothing, and the next command works', async () => {
  const warden = await openTestWarden({ env: { CHAT: 'whatsapp', OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const platform = new Platform()
  await warden.serve(platform)
  let nth = 1
  for (; nth < 100; nth++) {
    const before = stateOf(warden)
    const fault = failBefore(nth)
    await platform.write(`!config role promote ${USER} OPERATOR`)
    restore()
    const after = stateOf(warden)
    expect(await findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: Date.now() })).toEqual([])
    if (!fault.reached) {
      // The caller's pin, the change and its answer, all at once.
      expect(after).toMatchObject({
        users: expect.arrayContaining([{ account: USER, role: 'OPERATOR' }]),
        pins: [{ account: 'whatsapp:1@lid' }],
        kept: [{ n: 1 }],
        processed: [{ n: (before.processed[0] as { n: number }).n + 1 }],
      })
      expect(after.changes).toHaveLength(before.changes.length + 2)
      break
    }
    expect({ nth, ...after }).toEqual({ nth, ...before })
    expect((await warden.say(OWNER2, '!config role list')).status).toBe('answered')
  }
  // So many statements were there to fail.
  expect(nth).toBeGreaterThan(12)
})
