import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { UsageError } from '../app/usage-error.ts'
import type { Status } from '../kernel/message.ts'
import { folderNamed } from './given-path.ts'
import { complain } from './print.ts'

/** Document 002 has no exit codes; these tell a script what a person would read. 1 is left to crashes. */
const EXIT: Readonly<Record<Status, number>> = {
  answered: 0,
  duplicate: 0,
  usage: 2,
  'not-found': 2,
  ignored: 2,
  failed: 3,
  unsent: 3,
  denied: 4,
  blocked: 4,
  limited: 4,
}

/** `chatwarden say`: one message, and the reply. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { as: { type: 'string' }, group: { type: 'string' }, out: { type: 'string', default: '.' } },
  })
  if (positionals.length === 0) throw new UsageError('say needs a message.')
  folderNamed('--out', values.out)
  // A process that ends at once gains nothing from optimised WebAssembly, and would wait for it at the end; nor from
  // optimising what only loads modules: a fifth of the time. A long export is optimised like anything else.
  setFlagsFromString('--liftoff-only')
  setFlagsFromString('--no-opt')
  const { say } = await import('../app/say.ts')
  setFlagsFromString('--opt')
  const status = await say({ text: positionals.join(' '), as: values.as, group: values.group, out: values.out })
  if (status === 'ignored')
    complain('That is no command: it does not begin with COMMAND_PREFIX, as !config help would by default.')
  if (status === 'unsent') complain('It was done, but not all of the answer could be written.')
  if (status === 'blocked') complain('That person may not use the bot: blocked, or not on the whitelist.')
  return EXIT[status]
}
