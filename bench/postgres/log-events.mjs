// @ts-check
// Logs events when it is told to: log-events.mjs URL FOLDER COUNT
import { once } from 'node:events'
import { compiled } from '../measure.mjs'
import { logMany } from './logging.mjs'

const [DATABASE_URL, DATA_DIR, count] = process.argv.slice(2)
/** @type {typeof import('../../dist/index.js')} */
const { openChatwarden } = await import(compiled('index.js').href)
const env = {
  DATABASE_URL,
  DATA_DIR,
  OWNER_PHONE_NUMBERS: '+15550001111',
  RATE_LIMIT_USER: '0',
  RATE_LIMIT_GLOBAL: '0',
}
const chatwarden = await openChatwarden({ env, jobs: false })
await logMany(chatwarden, 0, 1000)
process.stdout.write('ready')
await once(process.stdin, 'data')
await logMany(chatwarden, 1000, Number(count))
await chatwarden.close()
process.exit()
