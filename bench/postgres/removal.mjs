// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'
import { logEvent } from '../events.mjs'
import { median, percentile, progress, time } from '../measure.mjs'
import { connect } from './connect.mjs'

/** @typedef {import('../../dist/index.js').Chatwarden} Chatwarden */
/** @typedef {import('../measure.mjs').Figure} Figure */

const MONTHS = 6
/** So many of the oldest days go by retention. */
const DAYS = 12
const LOCK_TIMEOUT = '55P03'

/**
 * What a writer, who logs one event after another, waits meanwhile: while nothing else happens, while months that have
 * become empty are dropped, and while old entries leave in batches.
 * @param {Chatwarden} chatwarden
 * @param {string} url
 * @returns {Promise<Figure[]>}
 */
export async function measureRemoval(chatwarden, url) {
  const client = await connect(url)
  progress('Logging alone')
  const alone = await stallsDuring(chatwarden, () => sleep(3000))
  progress(`Dropping ${MONTHS} empty months`)
  const { rows } = await client.query(`SELECT min(created_at) AS first FROM audit_logs`)
  const first = rows[0].first
  for (let n = 1; n <= MONTHS; n++)
    await client.query('SELECT audit_prepare_month($1::timestamp - make_interval(months => $2))', [first, n])
  let dropped = 0
  let refused = 0
  let spent = 0
  const dropping = await stallsDuring(chatwarden, async () => {
    await sleep(500)
    spent = await time(async () => {
      while (dropped < MONTHS)
        try {
          await client.query('SELECT audit_drop_empty_month()')
          dropped++
        } catch (error) {
          if (/** @type {{ code?: string }} */ (error).code !== LOCK_TIMEOUT) throw error
          refused++
          await sleep(5)
        }
    })
    await sleep(500)
  })
  progress('Retention in batches')
  const oldest = (await client.query('SELECT min(created_at) AS first FROM audit_logs')).rows[0].first.getTime()
  const days = Math.floor((Date.now() - oldest) / 86_400_000) - DAYS
  let removed = 0
  let took = 0
  const retaining = await stallsDuring(chatwarden, async () => {
    took = await time(async () => {
      removed = await chatwarden.AuditLogRepository.deleteExpired(days)
    })
  })
  await client.end()
  const against = 'nothing else happens'
  const p99 = (/** @type {number[]} */ stalls) => percentile(stalls, 0.99)
  return [
    {
      name: `dropping ${MONTHS} empty months (${refused} tried again)`,
      value: spent / 1000,
      unit: 's',
      aim: { text: '≤ 1 s', met: spent <= 1000 },
    },
    {
      name: '  one awaited event meanwhile, p99',
      value: p99(dropping),
      unit: 'ms',
      against,
      limit: p99(alone),
      aim: { text: '≤ 10 ms', met: p99(dropping) <= 10 },
    },
    { name: `retention, ${removed.toLocaleString('en')} entries`, value: (removed / took) * 1000, unit: '/s' },
    { name: '  one awaited event meanwhile, p50', value: median(retaining), unit: 'ms', against, limit: median(alone) },
    { name: '  one awaited event meanwhile, p99', value: p99(retaining), unit: 'ms', against, limit: p99(alone) },
  ]
}

/** @param {Chatwarden} chatwarden @param {() => Promise<unknown>} action */
async function stallsDuring({ AuditLogger }, action) {
  let isDone = false
  /** @type {number[]} */
  const stalls = []
  const logging = (async () => {
    for (let n = 40_000_011; !isDone; n += 20) stalls.push(await time(() => logEvent(AuditLogger, n)))
  })()
  await action()
  isDone = true
  await logging
  return stalls
}
