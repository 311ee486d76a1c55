// @ts-check
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { median, percentile, progress } from './measure.mjs'

/** @typedef {import('../dist/index.js').Chatwarden} Chatwarden */
/** @typedef {import('./measure.mjs').Figure} Figure */
/** @typedef {{ rows: number, ms: number, rss: number, sha256: string }} Written */

const ROUNDS = 3
const FORMATS = ['jsonl', 'json', 'csv', 'csv moderation']
const MB = 1024 * 1024

/**
 * All entries as a file of each format, in a process of its own, beside a process that iterates over the rows with the
 * driver alone and writes the same lines; and how the bot answers meanwhile.
 * @param {Chatwarden} chatwarden
 * @param {string} path
 * @param {string} owner
 * @returns {Promise<Figure[]>}
 */
export async function measureExports(chatwarden, path, owner) {
  /** @type {Figure[]} */
  const figures = []
  for (const format of FORMATS) {
    progress(`Exporting as ${format}`)
    const runs = Array.from({ length: ROUNDS }, () => [write('raw', path, format), write('ours', path, format)])
    for (const [raw, ours] of runs)
      if (raw?.sha256 !== ours?.sha256 || raw?.rows !== ours?.rows) throw new Error(`${format}: not the same lines`)
    const rate = (/** @type {number} */ which) =>
      median(runs.map((run) => ((run[which]?.rows ?? 0) / (run[which]?.ms ?? 1)) * 1000))
    const [value, limit] = [rate(1), rate(0)]
    const rss = Math.max(...runs.map(([, ours]) => ours?.rss ?? 0)) / MB
    figures.push(
      {
        name: `export, ${format}`,
        value,
        unit: '/s',
        against: 'raw iteration, the same lines',
        limit,
        aim: { text: '≥ 0.6', met: value / limit >= 0.6 },
      },
      { name: '  peak RSS', value: rss, unit: 'MB', aim: { text: '≤ 200 MB', met: rss <= 200 } },
    )
  }
  return [...figures, ...(await measureMeanwhile(chatwarden, owner))]
}

/** @param {'raw' | 'ours'} how @param {string} path @param {string} format @returns {Written} */
function write(how, path, format) {
  const child = fileURLToPath(new URL('write-export.mjs', import.meta.url))
  const out = `${path}.export`
  try {
    return JSON.parse(execFileSync(process.execPath, [child, how, path, format, out], { encoding: 'utf8' }))
  } finally {
    for (const end of ['', '.manifest', '.sha256']) rmSync(out + end, { force: true })
  }
}

/** @param {Chatwarden} chatwarden @param {string} owner @returns {Promise<Figure[]>} */
async function measureMeanwhile(chatwarden, owner) {
  progress('Commands while an export runs')
  /** @param {string} text */
  const ask = (text) =>
    chatwarden.handle({
      id: randomUUID(),
      source: 'api',
      chat: { id: owner, kind: 'private' },
      sender: { id: owner },
      text,
    })
  /** @type {number[]} */
  const spent = []
  let isDone = false
  const exporting = ask('!config audit export 365 format:csv.gz').finally(() => {
    isDone = true
  })
  while (!isDone) {
    const start = performance.now()
    await ask('!config audit list')
    spent.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { status, replies } = await exporting
  if (status !== 'answered') throw new Error(`The export: ${status}`)
  for (const { attachment } of replies) if (attachment !== undefined) rmSync(attachment.path, { force: true })
  const value = percentile(spent, 0.95)
  return [
    { name: 'audit list during an export, p50', value: median(spent), unit: 'ms' },
    { name: 'audit list during an export, p95', value, unit: 'ms', aim: { text: '≤ 100 ms', met: value <= 100 } },
  ]
}
