// @ts-check
// The trail in PostgreSQL, on a server that is started for this and goes with it, each figure beside the best that the
// same server did in the same run: node bench/postgres.mjs [--entries 1000000,10000000] [--only logging,queries]
import { parseArgs } from 'node:util'
import { sayTime } from './events.mjs'
import { compiled, progress, table } from './measure.mjs'
import { measureExports } from './postgres/exports.mjs'
import { fillTrail } from './postgres/fill.mjs'
import { growth } from './postgres/growth.mjs'
import { measureLogging } from './postgres/logging.mjs'
import { measureProcesses } from './postgres/processes.mjs'
import { measureQueries } from './postgres/queries.mjs'
import { measureRemoval } from './postgres/removal.mjs'
import { startServer } from './postgres/server.mjs'

const OWNER = '+15550001111'
const { values } = parseArgs({
  options: { entries: { type: 'string', default: '1000000' }, only: { type: 'string' } },
})

/** @typedef {import('./measure.mjs').Figure} Figure */
/** @type {Record<string, (chatwarden: import('../dist/index.js').Chatwarden, url: string, server: { folder: string }) => Promise<Figure[]>>} */
const PARTS = {
  queries: measureQueries,
  exports: measureExports,
  logging: measureLogging,
  processes: measureProcesses,
  removal: measureRemoval,
}

/** @type {typeof import('../dist/index.js')} */
const { openChatwarden } = await import(compiled('index.js').href)
const server = await startServer()
/** @type {Figure[][]} */
const sizes = []
try {
  for (const entries of values.entries.split(',').map(Number)) {
    const url = await server.url(`bench_${entries}`)
    progress(`Writing ${entries.toLocaleString('en')} entries into ${url}`)
    const rate = await fillTrail(url, server.folder, entries)
    /** @type {Figure[]} */
    const figures = [{ name: `filling, ${entries.toLocaleString('en')} entries`, value: rate, unit: '/s' }]
    const env = {
      DATABASE_URL: url,
      DATA_DIR: server.folder,
      OWNER_PHONE_NUMBERS: OWNER,
      RATE_LIMIT_USER: '0',
      RATE_LIMIT_GLOBAL: '0',
    }
    const chatwarden = await openChatwarden({ env, jobs: false })
    await sayTime(chatwarden)
    for (const [name, measure] of Object.entries(PARTS)) {
      if (!(values.only?.split(',').includes(name) ?? true)) continue
      const measured = await measure(chatwarden, url, server)
      // The whole takes long: who stops it has what was measured until then.
      progress(table(measured))
      figures.push(...measured)
    }
    await chatwarden.close()
    await server.drop(`bench_${entries}`)
    process.stdout.write(`${table(figures)}\n`)
    sizes.push(figures)
  }
  const [small, large] = [sizes[0], sizes.at(-1)]
  if (sizes.length > 1 && small && large)
    process.stdout.write(`\nThe last size beside the first:\n${table(growth(small, large))}\n`)
} finally {
  await server.stop()
}
