// @ts-check
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { logEvent } from './events.mjs'
import { interleave, median, percentile, progress, time } from './measure.mjs'

/** @typedef {import('../dist/index.js').Chatwarden} Chatwarden */

/** The raw driver takes what is measured beside it in transactions of this many. */
const RAW_BATCH = 1000
const FILL_BATCH = 20_000

/** Writes `entries` events through the public API. @param {Chatwarden} chatwarden @param {number} entries */
export async function fill(chatwarden, entries, onBatch = (/** @type {number} */ _done) => {}) {
  let spent = 0
  for (let from = 0; from < entries; from += FILL_BATCH) {
    onBatch(from)
    spent += await time(() => logMany(chatwarden, from, Math.min(FILL_BATCH, entries - from)))
    if (from % (FILL_BATCH * 10) === 0)
      progress(`  ${from.toLocaleString('en')} entries, ${Math.round(spent / 1000)} s`)
  }
  return (entries / spent) * 1000
}

/**
 * Entries a second, ours and the raw driver's: it inserts the very rows that ours wrote into a copy of the database,
 * so that both tables and their indexes stay the same.
 * @param {Chatwarden} chatwarden
 * @param {string} path
 * @returns {Promise<import('./measure.mjs').Figure[]>}
 */
export async function measureLogging(chatwarden, path) {
  const raw = openCopy(path)
  let next = 10_000_000
  /** @param {number} count @param {(from: number) => Promise<unknown>} action */
  const rate = async (count, action) => {
    const spent = await time(() => action(next))
    next += count
    return (count / spent) * 1000
  }
  progress('Logging in batches')
  const batched = await interleave(9, {
    ours: () => rate(10_000, (from) => logMany(chatwarden, from, 10_000)),
    raw: () => raw.rate(10_000, RAW_BATCH),
  })
  progress('Logging one at a time')
  /** @type {number[]} */
  const latencies = []
  const single = await interleave(9, {
    ours: () =>
      rate(500, async (from) => {
        for (let n = from; n < from + 500; n++) latencies.push(await time(() => logEvent(chatwarden.AuditLogger, n)))
      }),
    raw: () => raw.rate(500, 1),
  })
  raw.close()
  const inThousands = median(batched.raw)
  const value = median(batched.ours)
  return [
    {
      name: 'logging, batched',
      value,
      unit: '/s',
      against: `raw insert, ${RAW_BATCH} a transaction`,
      limit: inThousands,
      aim: { text: '≥ 0.6', met: value / inThousands >= 0.6 },
    },
    {
      name: 'logging, awaited one by one',
      value: median(single.ours),
      unit: '/s',
      against: `raw insert, ${RAW_BATCH} a transaction`,
      limit: inThousands,
    },
    {
      name: 'logging, awaited one by one',
      value: median(single.ours),
      unit: '/s',
      against: 'raw insert, 1 a transaction',
      limit: median(single.raw),
    },
    { name: '  one awaited call, p50', value: median(latencies), unit: 'ms' },
    { name: '  one awaited call, p95', value: percentile(latencies, 0.95), unit: 'ms' },
  ]
}

/** @param {Chatwarden} chatwarden @param {number} from @param {number} count */
async function logMany({ AuditLogger }, from, count) {
  const results = await Promise.all(Array.from({ length: count }, (_, i) => logEvent(AuditLogger, from + i)))
  if (results.some((result) => result !== 'stored')) throw new Error('An event was not stored.')
}

/** A copy of the database, and the raw driver's pace of inserting what the original has and the copy has not. @param {string} path */
function openCopy(path) {
  const original = new Database(path)
  original.pragma('wal_checkpoint(TRUNCATE)')
  copyFileSync(path, `${path}.raw`)
  const copy = new Database(`${path}.raw`)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 8000']) copy.pragma(pragma)
  const size = copy.prepare('SELECT max(seq) AS last FROM audit_logs')
  const newer = original.prepare('SELECT * FROM audit_logs WHERE seq > ? ORDER BY seq LIMIT ?').raw()
  const columns = original.prepare('SELECT * FROM audit_logs').columns()
  const insert = copy.prepare(`INSERT INTO audit_logs VALUES (${columns.map(() => '?').join(', ')})`)
  const insertAll = copy.transaction((/** @type {unknown[][]} */ rows) => {
    for (const row of rows) insert.run(row)
  })
  return {
    /** @param {number} count @param {number} batch */
    rate: async (count, batch) => {
      const { last } = /** @type {{ last: number }} */ (size.get())
      const rows = /** @type {unknown[][]} */ (newer.all(last, count))
      if (rows.length !== count) throw new Error(`${rows.length} new entries instead of ${count}.`)
      const batches = Array.from({ length: count / batch }, (_, i) => rows.slice(i * batch, (i + 1) * batch))
      const spent = await time(() => batches.forEach(insertAll))
      return (count / spent) * 1000
    },
    close: () => {
      original.close()
      copy.close()
    },
  }
}
