#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { loadEnvFile } from './config.ts'
import { ChatwardenError } from './kernel/errors.ts'
import type { Status } from './kernel/message.ts'
import { UsageError } from './usage-error.ts'

const USAGE = `Usage:
  chatwarden start                         Run the bot in the chats that CHAT names (default: this terminal)
  chatwarden say [options] '<message>'     Handle one message and print the reply
      --as <phone>    act as this person (default: the owner that the terminal acts as)
      --group <id>    in this group instead of in private
      --out <dir>     where files are saved (default: the current folder)
  chatwarden doctor                        Look whether everything is there that the bot needs, and say what to do
  chatwarden verify [options]              Check that nothing in the trail was changed from outside
      --checkpoint <file>  does it extend this checkpoint, kept elsewhere?
      --key <key>          the public key to check by (default: the one on this machine); may be repeated
      --proof <file> --entry <file> --key <key>   check one entry's proof, without a database
  chatwarden checkpoint                    Print the signed checkpoint of the trail, to be kept elsewhere
  chatwarden key                           Print the public key of the trail
  chatwarden key new [--origin <name>]     Print a new private key, for AUDIT_SIGNING_KEY
  chatwarden key rotate [--old <file>] [--lost]   Hand the trail over to a new key
  chatwarden seed [--force]                Give the configured numbers their roles; --force also if they had them before
  chatwarden --version | --help

Settings come from the environment and from .env in the current folder; .env.example lists them all.
Exit codes of verify: 0 nothing to object to, 5 findings, 3 could not check. Of the others: 0 answered, 2 not understood or not found, 3 failed, 4 denied, blocked or limited.
`

/** Document 002 has no exit codes; these tell a script what a person would read. 1 is left to crashes. */
const EXIT: Readonly<Record<Status, number>> = {
  answered: 0,
  duplicate: 0,
  usage: 2,
  'not-found': 2,
  ignored: 2,
  failed: 3,
  denied: 4,
  blocked: 4,
  limited: 4,
}

async function main(argv: readonly string[]): Promise<number> {
  const [command = 'start', ...rest] = argv
  loadEnvFile()
  switch (command) {
    case 'start': {
      parseArgs({ args: rest, options: {} })
      const { runBot } = await import('./bot.ts')
      await runBot()
      return 0
    }
    case 'say':
      return runSay(rest)
    case 'doctor': {
      parseArgs({ args: rest, options: {} })
      const { doctor } = await import('./doctor.ts')
      return (await doctor((line) => process.stdout.write(`${line}\n`))) ? 0 : 3
    }
    case 'verify':
      return runVerify(rest)
    case 'checkpoint': {
      parseArgs({ args: rest, options: {} })
      const { printCheckpoint } = await import('./key-command.ts')
      return (await printCheckpoint((text) => process.stdout.write(text))) ? 0 : 3
    }
    case 'key':
      return runKey(rest)
    case 'seed': {
      const { values } = parseArgs({ args: rest, options: { force: { type: 'boolean', default: false } } })
      const { openChatwarden } = await import('./main.ts')
      const chatwarden = await openChatwarden({ jobs: false })
      await chatwarden.seed(values.force).finally(() => chatwarden.close())
      process.stdout.write('The configured numbers have their roles.\n')
      return 0
    }
    case '--version':
      process.stdout.write(`${version()}\n`)
      return 0
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(USAGE)
      return 0
    default:
      throw new UsageError(`Unknown command: ${command}`)
  }
}

async function runSay(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { as: { type: 'string' }, group: { type: 'string' }, out: { type: 'string', default: '.' } },
  })
  if (positionals.length === 0) throw new UsageError('say needs a message.')
  // A process that ends at once gains nothing from optimised WebAssembly, and would wait for it at the end; nor from
  // optimising what only loads modules: a fifth of the time. A long export is optimised like anything else.
  setFlagsFromString('--liftoff-only')
  setFlagsFromString('--no-opt')
  const { say } = await import('./say.ts')
  setFlagsFromString('--opt')
  const status = await say({ text: positionals.join(' '), as: values.as, group: values.group, out: values.out })
  if (status === 'ignored')
    process.stderr.write(
      'That is no command: it does not begin with COMMAND_PREFIX, as !config help would by default.\n',
    )
  if (status === 'blocked') process.stderr.write('That person may not use the bot: blocked, or not on the whitelist.\n')
  return EXIT[status]
}

async function runVerify(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      checkpoint: { type: 'string' },
      proof: { type: 'string' },
      entry: { type: 'string' },
      key: { type: 'string', multiple: true },
    },
  })
  const { verifyCommand } = await import('./verify-command.ts')
  const isWatched = process.stderr.isTTY
  const code = await verifyCommand(
    values,
    (line) => process.stdout.write(`${line}\n`),
    (line) => void (isWatched && process.stderr.write(`\r\x1b[K${line}`)),
  )
  if (isWatched) process.stderr.write('\r\x1b[K')
  return code
}

async function runKey([what, ...args]: string[]): Promise<number> {
  const { newKey, rotateKey, showKey } = await import('./key-command.ts')
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  if (what === undefined) showKey(print)
  else if (what === 'new') newKey(parseArgs({ args, options: { origin: { type: 'string' } } }).values.origin, print)
  else if (what === 'rotate') {
    const { values } = parseArgs({
      args,
      options: { old: { type: 'string' }, lost: { type: 'boolean', default: false } },
    })
    await rotateKey({ old: values.old, isLost: values.lost }, print)
  } else throw new UsageError(`Unknown: key ${what}`)
  return 0
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

function explain(error: unknown): number {
  const isUsage = error instanceof UsageError || (error as { code?: string })?.code?.startsWith('ERR_PARSE_ARGS')
  if (isUsage) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  if (error instanceof ChatwardenError && error.code === 'CANNOT_START') {
    process.stderr.write(`Chatwarden cannot start.\n${error.message.split('\n').slice(1).join('\n')}\n`)
    return 3
  }
  if (error instanceof ChatwardenError) {
    process.stderr.write(`Chatwarden cannot go on (${error.code}). ${error.message}\n`)
    return 3
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return 1
}

// The code is set, not forced: what is still on its way to stdout goes out first.
process.exitCode = await main(process.argv.slice(2)).catch(explain)
