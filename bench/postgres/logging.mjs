// @ts-check
import { logEvent } from '../events.mjs'
import { interleave, median, percentile, progress, time } from '../measure.mjs'
import { plainCopy } from './plain-copy.mjs'

/** @typedef {import('../../dist/index.js').Chatwarden} Chatwarden */
/** @typedef {import('../measure.mjs').Figure} Figure */

const RAW_BATCH = 1000
const ROUNDS = 9

/**
 * Entries a second, ours and those of COPY: the very rows that ours wrote, in commits of 1,000, into a table with the
 * same partitions and indexes, and without a tree.
 * @param {Chatwarden} chatwarden
 * @param {string} url
 * @returns {Promise<Figure[]>}
 */
export async function measureLogging(chatwarden, url) {
  const plain = await plainCopy(url)
  let next = 10_000_000
  const ours = async (/** @type {number} */ count) => {
    const from = next
    next += count
    return (count / (await time(() => logMany(chatwarden, from, count)))) * 1000
  }
  progress('Logging in batches')
  const batched = await interleave(ROUNDS, { ours: () => ours(10_000), raw: () => plain.rate(10_000, RAW_BATCH) })
  progress('Logging one at a time')
  /** @type {number[]} */
  const latencies = []
  const single = await interleave(ROUNDS, {
    ours: async () => {
      const from = latencies.length + 30_000_000
      const spent = await time(async () => {
        for (let n = from; n < from + 300; n++) latencies.push(await time(() => logEvent(chatwarden.AuditLogger, n)))
      })
      return (300 / spent) * 1000
    },
    raw: () => plain.rate(300, 1),
  })
  await plain.close()
  const [value, limit] = [median(batched.ours), median(batched.raw)]
  return [
    {
      name: 'logging, batched',
      value,
      unit: '/s',
      against: `COPY, ${RAW_BATCH} a commit, no tree`,
      limit,
      aim: { text: '≥ 0.5', met: value / limit >= 0.5 },
    },
    {
      name: 'logging, awaited one by one',
      value: median(single.ours),
      unit: '/s',
      against: 'COPY, 1 a commit, no tree',
      limit: median(single.raw),
    },
    { name: '  one awaited call, p50', value: median(latencies), unit: 'ms' },
    { name: '  one awaited call, p95', value: percentile(latencies, 0.95), unit: 'ms' },
  ]
}

/** @param {Pick<Chatwarden, 'AuditLogger'>} chatwarden @param {number} from @param {number} count */
export async function logMany({ AuditLogger }, from, count) {
  const results = await Promise.all(Array.from({ length: count }, (_, i) => logEvent(AuditLogger, from + i)))
  const lost = results.filter((result) => result !== 'stored').length
  if (lost > 0) throw new Error(`${lost} of ${count} events were not stored.`)
}
