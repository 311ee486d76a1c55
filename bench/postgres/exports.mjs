// @ts-check
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, progress } from '../measure.mjs'

const ROUNDS = 3
/** One round that takes longer says enough. */
const LONG_MS = 120_000
const MB = 1024 * 1024

/** @typedef {{ rows: number, ms: number, rss: number, sha256: string }} Written */

/**
 * All entries as JSONL in a process of its own, beside one that walks over them with a cursor of the driver and writes
 * the same lines.
 * @param {import('../../dist/index.js').Chatwarden} _chatwarden
 * @param {string} url
 * @param {{ folder: string }} server
 * @returns {Promise<import('../measure.mjs').Figure[]>}
 */
export async function measureExports(_chatwarden, url, { folder }) {
  progress('Exporting')
  /** @type {{ raw: Written, ours: Written }[]} */
  const runs = []
  for (let round = 0; round < ROUNDS && (runs[0]?.raw.ms ?? 0) < LONG_MS; round++)
    runs.push({ raw: await write('raw', url, folder), ours: await write('ours', url, folder) })
  for (const { raw, ours } of runs)
    if (raw.sha256 !== ours.sha256 || raw.rows !== ours.rows) throw new Error('Not the same lines')
  const rate = (/** @type {Written} */ { rows, ms }) => (rows / ms) * 1000
  const [value, limit] = [median(runs.map(({ ours }) => rate(ours))), median(runs.map(({ raw }) => rate(raw)))]
  const rss = (/** @type {'raw' | 'ours'} */ which) => Math.max(...runs.map((run) => run[which].rss)) / MB
  return [
    {
      name: 'export, jsonl',
      value,
      unit: '/s',
      against: 'pg-cursor, the same lines',
      limit,
      aim: { text: '≥ 0.6', met: value / limit >= 0.6 },
    },
    { name: '  peak RSS', value: rss('ours'), unit: 'MB', against: 'pg-cursor', limit: rss('raw') },
  ]
}

/** @param {'raw' | 'ours'} how @param {string} url @param {string} folder @returns {Promise<Written>} */
async function write(how, url, folder) {
  const child = fileURLToPath(new URL('write-export.mjs', import.meta.url))
  const out = join(folder, 'export')
  try {
    // Not waited for in one piece: a signal is to end the server, too.
    const { stdout } = await promisify(execFile)(process.execPath, [child, how, url, folder, out])
    return JSON.parse(stdout)
  } finally {
    for (const end of ['', '.manifest', '.sha256']) rmSync(out + end, { force: true })
  }
}
