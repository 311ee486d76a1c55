// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median, progress } from '../measure.mjs'

const ROUNDS = 3
const EVENTS = 8000

/**
 * Four processes that log together, beside one that logs as much: they take turns at the lock of the trail's head.
 * @param {import('../../dist/index.js').Chatwarden} _chatwarden
 * @param {string} url
 * @param {{ folder: string }} server
 * @returns {Promise<import('../measure.mjs').Figure[]>}
 */
export async function measureProcesses(_chatwarden, url, { folder }) {
  progress('Four processes')
  const one = []
  const four = []
  for (let round = 0; round < ROUNDS; round++) {
    one.push(await rateOf(1, url, folder))
    four.push(await rateOf(4, url, folder))
  }
  const [value, limit] = [median(four), median(one)]
  return [{ name: 'logging, four processes', value, unit: '/s', against: 'one process', limit }]
}

/** @param {number} count @param {string} url @param {string} folder */
async function rateOf(count, url, folder) {
  const script = fileURLToPath(new URL('log-events.mjs', import.meta.url))
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [script, url, folder, String(EVENTS / count)], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  // Each says when it is ready, and begins when it is told.
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')))
  const start = performance.now()
  const ends = children.map((child) => once(child, 'close'))
  for (const { stdin } of children) stdin.end('go')
  for (const [code] of await Promise.all(ends)) if (code !== 0) throw new Error(`A process ended with ${code}.`)
  return (EVENTS / (performance.now() - start)) * 1000
}
