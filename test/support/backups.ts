import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { run as backup } from '../../src/cli/backup.ts'
import { run as restore } from '../../src/cli/restore.ts'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { testDatabase } from './database.ts'
import { type Ran, runHere } from './run-here.ts'
import { keyIn, verifyFile } from './tamper.ts'

export interface Where {
  readonly path: string
  readonly folder: string
}

export const backUp = (where: Where, args: readonly string[]): Promise<Ran> => runHere(backup, args, where)

/** Backs up into a folder of its own. @returns the file. */
export async function backedUp(where: Where, options: readonly string[] = [], atEnd?: AtEnd): Promise<string> {
  const directory = temporaryFolder(atEnd)
  const { code, stdout } = await backUp(where, [...options, directory])
  expect({ code, stdout }).toMatchObject({ code: 0 })
  return join(directory, backupsIn(directory)[0] ?? '')
}

export const backupsIn = (directory: string): string[] =>
  readdirSync(directory).filter((name) => /^chatwarden-\d{8}T\d{6}Z\.db$/.test(name))

export const restoreTo = (where: Where, args: readonly string[], env?: Readonly<Record<string, string>>) =>
  runHere(restore, args, where, env)

/** Where a database may be restored to. */
export function emptyPlace(): Where {
  const folder = temporaryFolder()
  return { folder, path: testDatabase(folder).path }
}

/** What `verify` says of the trail in a file by the key in a folder. */
export const verified = (path: string, folder: string, checkpoint?: string) =>
  verifyFile(path, { keys: [keyIn(folder)], now: Date.now(), checkpoint })
