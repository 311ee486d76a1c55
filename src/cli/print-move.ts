import type { MovedBefore, MovedTrail, Objection } from '../move/move.ts'
import { type Print, printLines } from './print.ts'
import { printFindings } from './print-findings.ts'

/** What is where now, and what is left to do. */
export function printMoved(moved: MovedTrail, path: string, seconds: number, print: Print): void {
  const { destination, verification, checkpoint, rows, files, spool } = moved
  print(`Moved ${path} to ${destination} in ${seconds.toFixed(1)} s.`)
  printFindings(verification, print)
  // The tables of the trail itself are in the numbers above.
  const counts = Object.entries(rows).filter(([name, count]) => count > 0 && name !== 'audit_head')
  print(`Besides: ${counts.map(([name, count]) => `${name} ${count}`).join(', ')}.`)
  print('Everything was checked against its signature there, up to this checkpoint of the file:')
  printLines(checkpoint.trim(), print, '    ')
  print(`Entry ${verification.size} was added, as the trail was moved. Keep a new checkpoint: chatwarden checkpoint`)
  for (const file of files) print(`Copied to ${file}`)
  printSpool(spool, print)
  print('Now:')
  print('  1. Stop the bot. Let DATABASE_URL be what --to was, with the user of the bot if it has one of its own.')
  print(
    '  2. Run this command once more: what the bot reported after the move waits beside the file, and is taken along.',
  )
  print('  3. Start the bot. On another machine than this, bring DATA_DIR there first: the files above are in it.')
  print(`  4. Remove ${path} and what lies beside it when you are sure: no erasure reaches it any more.`)
}

export function printMovedBefore({ destination, movedAt, spool }: MovedBefore, print: Print): void {
  print(`The trail was moved to ${destination} on ${movedAt.toISOString()}: there is nothing left to copy.`)
  printSpool(spool, print)
}

/** Why the copy is not used. */
export function printNotTheTrail(objection: Objection, print: Print): void {
  if ('problem' in objection) print(`Not the same: ${objection.problem}.`)
  else printFindings(objection.findings, print)
  print('Nothing was moved: the file is the trail, as before, and no bot starts on the copy.')
  print('Look whether the file itself is sound (chatwarden verify). If it is, remove the new database and begin anew.')
}

function printSpool({ directory, files }: MovedBefore['spool'], print: Print): void {
  if (files === 0) return
  const what = files === 1 ? 'One file' : `${files} files`
  print(
    `${what} of events that waited beside the old database: moved to ${directory}. The bot writes them when it starts.`,
  )
}
