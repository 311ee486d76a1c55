#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { UsageError } from '../app/usage-error.ts'
import { loadEnvFile } from '../config.ts'
import { explain } from './explain.ts'
import { OUTPUT_LOST, watchOutput } from './output.ts'
import { print } from './print.ts'

const USAGE = `Usage:
  chatwarden start                         Run the bot in the chats that CHAT names (default: this terminal)
  chatwarden say [options] '<message>'     Handle one message and print the reply
      --as <account>  act as this person (default: the owner that the terminal acts as)
      --group <id>    in this group instead of in private
      --out <dir>     where files are saved (default: the current folder)
  chatwarden doctor                        Look whether everything is there that the bot needs, and say what to do
  chatwarden verify [options]              Check that nothing in the trail was changed from outside
      --checkpoint <file>  does it extend this checkpoint, kept elsewhere?
      --no-entry           write no entry of it: for a copy, a backup or a replica
      --key <key>          the public key to check by (default: the one on this machine); may be repeated
      --proof <file> --entry <file> --key <key>   check one entry's proof, without a database
  chatwarden export [options] [filters…]   Write audit logs to a file, with a signed manifest and a SHA-256 sidecar
      --format <name>      json, jsonl or csv, each also with .gz (default: by the name of --to, else jsonl)
      --profile moderation the columns of the moderation runbook, for csv
      --bom                begin a csv with a byte order mark, for Excel
      --to <file>          (default: a name with the time, in the current folder; - for stdout, the entries alone)
  chatwarden verify-export <file> [options]   Check an exported file, without a database
      --key <key>          the public key to check by (default: the one on this machine); may be repeated
      --manifest <file>    (default: the name of the file and .manifest)
  chatwarden report daily|weekly [--html <file>]   Print what happened in the last 24 hours or 7 days, and whether the trail
                                           is complete and cleaned up; --html also saves it as a page with a chart
  chatwarden archive list                  The archives that retention has made (AUDIT_ARCHIVE=on)
  chatwarden archive verify [name]         Check one or all of them: every byte, and every entry against the tree
  chatwarden archive restore <name>        Bring its entries back into the database, until they are released
  chatwarden archive release <name>        Let the next clean-up remove them again
  chatwarden import <file> [options]       Take in the entries of another log: JSONL, JSON or CSV, also .gz (docs/import.md)
      --from <name>        what it is the log of (default: the trail in the manifest beside it, else the file's name)
      --format <name>      jsonl, json or csv (default: by the file's name; .ndjson is jsonl, .tsv csv)
      --skip-bad           leave out what cannot be read; without it, nothing is imported then
  chatwarden checkpoint [--no-entry]       Print the signed checkpoint of the trail, to be kept elsewhere
  chatwarden key [--no-entry]              Print the public key of the trail
  chatwarden key new [--origin <name>]     Print a new private key, for AUDIT_SIGNING_KEY
  chatwarden key rotate [--old <file>] [--lost]   Hand the trail over to a new key
  chatwarden backup [--keys] <dir>         Copy the database, also while the bot runs, check the copy and keep it in <dir>
      --keys          copy the keys beside it too
  chatwarden restore [options] <file>      Put a backup (of a directory, the newest) in the place that DATABASE_URL names,
                                           where nothing may be yet
      --checkpoint <file>  is it as new as this checkpoint, kept elsewhere?
      --erasures <file>    carry out again the erasures in this export, database or list of erasures; may be repeated
  chatwarden move [options]                Take everything from a SQLite file to PostgreSQL, with every entry and proof;
                                           stopped at any moment, it goes on (docs/move.md)
      --from file:PATH     the file, which a bot may be writing to
      --to postgresql://USER:PASSWORD@HOST/DATABASE   an empty database, as a user who may make tables in it
  chatwarden confirm [code]                What owners asked for that waits for another owner; with its code, confirm it
                                           as whoever runs the bot, where no other owner can or answers
  chatwarden seed [--force]                Give the configured numbers their roles; --force also if they had them before
  chatwarden migrate [--minimum-days <n>]  PostgreSQL: as DATABASE_OWNER_URL, bring the schema up to date and give the bot's
                                           user its rights; entries younger than n days are never removed by age
  chatwarden --version | --help

Settings come from the environment and from .env in the current folder; .env.example lists them all.
Exit codes of verify, verify-export, archive verify, backup, restore and move: 0 nothing to object to, 5 findings, 3 could not, 2 wrong usage. Of the others: 0 answered, 2 not understood or not found, 3 failed, 4 denied, blocked or limited.
`

interface CliCommand {
  /** @returns the exit code. */
  run(args: string[]): Promise<number>
}

/** Every command, loaded when it is called. A new one is its file, a line here, and its lines above. */
const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  start: () => import('./start.ts'),
  say: () => import('./say.ts'),
  doctor: () => import('./doctor.ts'),
  verify: () => import('./verify.ts'),
  export: () => import('./export.ts'),
  'verify-export': () => import('./verify-export.ts'),
  report: () => import('./report.ts'),
  archive: () => import('./archive.ts'),
  import: () => import('./import.ts'),
  checkpoint: () => import('./checkpoint.ts'),
  key: () => import('./key.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  move: () => import('./move.ts'),
  confirm: () => import('./confirm.ts'),
  seed: () => import('./seed.ts'),
  migrate: () => import('./migrate.ts'),
}

async function main([name = 'start', ...args]: readonly string[]): Promise<number> {
  if (name === '--version') print(version())
  else if (['--help', '-h', 'help'].includes(name)) process.stdout.write(USAGE)
  else {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (load === undefined) throw new UsageError(`Unknown command: ${name}`)
    loadEnvFile()
    return (await load()).run(args)
  }
  return 0
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

const isLost = watchOutput()
// A file that may grow no more (`ulimit -f`) is an error like a full disk, and no end of the process.
process.on('SIGXFSZ', () => {})
const code = await main(process.argv.slice(2)).catch((error) => explain(error, USAGE))
// The code is set, not forced: what is still on its way to stdout goes out first.
process.exitCode = isLost() ? OUTPUT_LOST : code
