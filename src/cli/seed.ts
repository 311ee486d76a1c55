import { parseArgs } from 'node:util'
import { openChatwarden } from '../app/open.ts'
import { print } from './print.ts'

/** `chatwarden seed`: gives the configured numbers their roles. */
export async function run(args: string[]): Promise<number> {
  const { force } = parseArgs({ args, options: { force: { type: 'boolean', default: false } } }).values
  const chatwarden = await openChatwarden({ jobs: false })
  await chatwarden.seed(force).finally(() => chatwarden.close())
  print('The configured numbers have their roles.')
  if (force) print('Those who are to be OWNER or ADMIN are not blocked any more.')
  return 0
}
