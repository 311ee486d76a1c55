// @ts-check
import { phone } from '../events.mjs'
import { compiled, percentile, progress, time } from '../measure.mjs'
import { connect } from './connect.mjs'

/** Until the engine has compiled what is measured: a bot that has run for a minute. */
const WARM_UP = 150
const ROUNDS = 300
/** Of what looks through entries. */
const FEW = 40
const DAY = 24 * 60 * 60 * 1000
/** @param {string} file */
const load = (file) => import(compiled(file).href)

/**
 * What the trail is asked, p50 and p95, beside a question that the server answers without looking anywhere.
 * @param {import('../../dist/index.js').Chatwarden} _chatwarden
 * @param {string} url
 * @param {{ folder: string }} server
 * @returns {Promise<import('../measure.mjs').Figure[]>}
 */
export async function measureQueries(_chatwarden, url, { folder }) {
  progress('Queries')
  const { openDatabase } = await load('storage/database.js')
  const { StoredEntries } = await load('audit/read/stored-entries.repository.js')
  const { Evidence } = await load('audit/verify/evidence.js')
  const { SigningKey } = await load('audit/write/signing-key.js')
  const { EVENT_TYPES } = await load('audit/entry/event-types.js')
  const { shownToSubject } = await load('audit/entry/visibility.js')
  const database = await openDatabase(url)
  const client = await connect(url)
  const { size, last } = (await client.query('SELECT size, last_created_at AS last FROM audit_head')).rows[0]
  const logs = new StoredEntries(database.reader)
  const key = new SigningKey({ databaseUrl: url, dataDir: folder, signingKey: undefined, origin: undefined })
  const parts = { reader: database.reader, key, clock: Date, openSnapshot: () => {}, replays: () => [] }
  const evidence = new Evidence(parts)
  const end = last.getTime()
  const before = (/** @type {number} */ days) => new Date(end - days * DAY)
  const CATEGORIES = ['AUTH', 'CONFIG', 'ADMIN', 'SECURITY']
  const ACTIONS = ['ROLE_CHANGE', 'USAGE_QUERY', 'PERMISSION_DENIED', 'RATE_LIMIT_VIOLATION']
  const USERS = [0, 1, 20, 500, 1999].map(phone)
  const of = (/** @type {readonly any[]} */ list, /** @type {number} */ n) => list[n % list.length]
  const anywhere = () => Math.floor(Math.random() * size)
  /** @type {Record<string, (n: number) => Promise<unknown>>} */
  const questions = {
    'last 20': () => logs.query({ limit: 20 }),
    'category, 30 days, 50': (n) => logs.query({ category: of(CATEGORIES, n), startDate: before(30), limit: 50 }),
    'phone, page of 50': (n) => logs.query({ phoneNumber: of(USERS, n), beforeSeq: anywhere(), limit: 50 }),
    'action, 50': (n) => logs.query({ action: of(ACTIONS, n), limit: 50 }),
    'about a person, 50': (n) => logs.query({ targetPhoneNumber: of(USERS, n), limit: 50 }),
    'audit mine': (n) => logs.involving({ accounts: [of(USERS, n)] }, shownToSubject(EVENT_TYPES), 11),
    'proof of an entry': () => evidence.proofOf({ seq: anywhere() }),
    'last older than a moment': () => logs.lastOlderThan(before(Math.random() * 380), end),
    'text, 1 day': () => logs.query({ text: 'harassment-nobody', startDate: before(1), limit: 50 }),
    'statistics, 7 days': () => logs.statistics({ startDate: before(7) }),
  }
  const isIndexed = (/** @type {string} */ name) => !/^(text|statistics)/.test(name)
  const figures = []
  for (const [name, ask] of Object.entries(questions)) {
    /** @type {number[]} */
    const ours = []
    /** @type {number[]} */
    const bare = []
    const [warmUp, rounds] = isIndexed(name) ? [WARM_UP, ROUNDS] : [FEW / 4, FEW]
    for (let n = 0; n < warmUp + rounds; n++) {
      const spent = await time(() => ask(n))
      const least = await time(() => client.query('SELECT 1'))
      if (n < warmUp) continue
      ours.push(spent)
      bare.push(least)
    }
    for (const p of [0.5, 0.95]) {
      const value = percentile(ours, p)
      figures.push({
        name: `${name}, p${p * 100}`,
        value,
        unit: 'ms',
        against: 'SELECT 1',
        limit: percentile(bare, p),
        ...(p === 0.95 && isIndexed(name) && { aim: { text: '≤ 5 ms', met: value <= 5 } }),
      })
    }
  }
  await client.end()
  await database.close()
  return figures
}
