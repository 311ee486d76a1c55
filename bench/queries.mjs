// @ts-check
import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'
import { phone } from './events.mjs'
import { percentile, progress } from './measure.mjs'

/** @typedef {import('../dist/index.js').Chatwarden} Chatwarden */

const ROUNDS = 200
const WARM_UP = 50
const NEWEST = 'ORDER BY seq DESC LIMIT 11'
const DAY = 24 * 60 * 60 * 1000

/**
 * The chat commands, from the message to the reply with its entry on the disk, beside the bare query each of them
 * stands on.
 * @param {Chatwarden} chatwarden
 * @param {string} path
 * @param {string} owner
 * @returns {Promise<import('./measure.mjs').Figure[]>}
 */
export async function measureQueries(chatwarden, path, owner) {
  progress('Queries')
  const raw = new Database(path, { readonly: true })
  const newest = raw.prepare(`SELECT * FROM audit_logs ${NEWEST}`)
  const since = raw.prepare(`SELECT * FROM audit_logs WHERE created_at >= ? ${NEWEST}`)
  const byPhone = raw.prepare(`SELECT * FROM audit_logs WHERE account = ? ${NEWEST}`)
  const byCategory = raw.prepare(`SELECT * FROM audit_logs WHERE category = ? ${NEWEST}`)
  const end = /** @type {{ created_at: number }} */ (newest.get()).created_at
  const commands = {
    'audit list': [1, 7, 30, 365].map((days) => [days, () => since.all(end - days * DAY)]),
    'audit user': [0, 1, 20, 500, 1999].map((user) => [phone(user), () => byPhone.all(phone(user))]),
    'audit category': ['AUTH', 'CONFIG', 'ADMIN', 'SECURITY'].map((name) => [name, () => byCategory.all(name)]),
  }
  const figures = []
  for (const [name, variants] of Object.entries(commands)) {
    const ours = []
    const bare = []
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const [argument, query] = /** @type {[string, () => unknown[]]} */ (variants[round % variants.length])
      const start = performance.now()
      const { status } = await ask(chatwarden, owner, `!config ${name} ${argument}`)
      const middle = performance.now()
      const rows = query()
      const stop = performance.now()
      if (status !== 'answered' || rows.length === 0) throw new Error(`${name} ${argument}: ${status}`)
      if (round < WARM_UP) continue
      ours.push(middle - start)
      bare.push(stop - middle)
    }
    for (const p of [0.5, 0.95]) {
      const value = percentile(ours, p)
      figures.push({
        name: `${name}, p${p * 100}`,
        value,
        unit: 'ms',
        against: 'raw query, 11 newest rows',
        limit: percentile(bare, p),
        ...(p === 0.95 && { aim: { text: '≤ 10 ms', met: value <= 10 } }),
      })
    }
  }
  raw.close()
  return [...figures, await measureAccounts(chatwarden, path, owner)]
}

/**
 * `audit user` of somebody with five accounts, beside the same of somebody with one.
 * @param {Chatwarden} chatwarden
 * @param {string} path
 * @param {string} owner
 * @returns {Promise<import('./measure.mjs').Figure>}
 */
async function measureAccounts(chatwarden, path, owner) {
  const database = new Database(path)
  const addUser = database.prepare("INSERT INTO users VALUES (?, NULL, 'USER', false, 0, 0)")
  const addAccount = database.prepare("INSERT INTO accounts VALUES (?, ?, 'given', NULL, 0)")
  const people = { one: [30], five: [31, 32, 33, 34, 35] }
  for (const [id, users] of Object.entries(people)) {
    addUser.run(id)
    for (const user of users) addAccount.run(phone(user), id)
  }
  /** @type {Record<keyof typeof people, number[]>} */
  const times = { one: [], five: [] }
  for (let round = 0; round < WARM_UP + ROUNDS; round++)
    for (const name of /** @type {const} */ (['one', 'five'])) {
      const start = performance.now()
      const { status } = await ask(chatwarden, owner, `!config audit user ${phone(people[name][0] ?? 0)}`)
      if (status !== 'answered') throw new Error(`audit user: ${status}`)
      if (round >= WARM_UP) times[name].push(performance.now() - start)
    }
  // No entry says that there are such people, which verification would find.
  for (const table of ['accounts WHERE user_id', 'users WHERE id'])
    database.exec(`DELETE FROM ${table} IN ('one', 'five')`)
  database.close()
  const [value, limit] = [percentile(times.five, 0.95), percentile(times.one, 0.95)]
  return {
    name: 'audit user of five accounts, p95',
    value,
    unit: 'ms',
    against: 'of one account',
    limit,
    aim: { text: '≤ 1.5 ×', met: value <= 1.5 * limit },
  }
}

/** @param {Chatwarden} chatwarden @param {string} owner @param {string} text */
function ask(chatwarden, owner, text) {
  return chatwarden.handle({
    id: randomUUID(),
    source: 'api',
    chat: { id: owner, kind: 'private' },
    sender: { id: owner },
    text,
  })
}
