// @ts-check
// Measures what was promised to be fast, each figure beside the best that the machine can do in the same run.
// BENCH_ENTRIES: how many entries the trail holds (default: a million).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureCharts } from './charts.mjs'
import { sayTime } from './events.mjs'
import { measureExports } from './exports.mjs'
import { measureGuards } from './guards.mjs'
import { fill, measureLogging } from './logging.mjs'
import { compiled, progress, table } from './measure.mjs'
import { measureOneShot } from './one-shot.mjs'
import { measureQueries } from './queries.mjs'
import { measureTrail } from './trail.mjs'

const OWNER = '+15550001111'
const DAY = 24 * 60 * 60 * 1000
const entries = Number(process.env.BENCH_ENTRIES ?? 1_000_000)

/** @type {typeof import('../dist/index.js')} */
const { openChatwarden } = await import(compiled('index.js').href)
const folder = mkdtempSync(join(tmpdir(), 'chatwarden-bench-'))
const path = join(folder, 'chatwarden.db')
const limits = { RATE_LIMIT_USER: '0', RATE_LIMIT_GLOBAL: '0' }
const env = { DATABASE_URL: `file:${path}`, DATA_DIR: folder, OWNER_PHONE_NUMBERS: OWNER, ...limits }
try {
  // The entries spread over 60 days, as if they had come one by one.
  let ago = 60 * DAY
  const chatwarden = await openChatwarden({ env, jobs: false, clock: { now: () => Date.now() - ago } })
  progress(`Writing ${entries.toLocaleString('en')} entries into ${path}`)
  const rate = await fill(chatwarden, entries, (done) => {
    ago = 60 * DAY * (1 - done / entries)
  })
  ago = 0
  // No clock runs through 60 days in minutes, and nothing is removed by one that is in doubt.
  await sayTime(chatwarden)
  const figures = [
    { name: `filling, ${entries.toLocaleString('en')} entries`, value: rate, unit: '/s' },
    ...(await measureQueries(chatwarden, path, OWNER)),
    ...(await measureExports(chatwarden, path, OWNER)),
    ...(await measureLogging(chatwarden, path)),
    ...(await measureTrail(chatwarden, path)),
    ...(await measureGuards()),
    ...(await measureCharts()),
  ]
  await chatwarden.close()
  figures.push(...(await measureOneShot(env)))
  process.stdout.write(`${table(figures)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
