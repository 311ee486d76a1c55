import { execFileSync } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLogger, type Logger } from '../../src/kernel/log.ts'
import { OPERATOR, OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { openRaw } from '../support/database.ts'
import { NUMBERS, report } from '../support/numbered-reports.ts'

const silent = createLogger('silent')
const FILES = ['', '-wal', '-shm']

/** Another process copies: to close a file of this one's database here would drop its locks. */
const cp = (...files: string[]) => execFileSync('cp', ['-r', ...files])

interface Way {
  readonly name: string
  /** Does it. @returns what puts the same file back, where that can be done. */
  spoil(path: string): (() => void) | undefined
  /** Where what was acknowledged is afterwards, after the file's own name; `undefined`: that was overwritten. */
  readonly left?: string
  /** Only its trail shows it. */
  readonly isOfTrail?: boolean
}

const rename = (path: string, to = `${path}.away`) => {
  renameSync(path, to)
  return () => renameSync(to, path)
}

/** Puts a copy in the place of a file. */
function replace(path: string) {
  linkSync(path, `${path}.away`)
  cp(path, `${path}.other`)
  renameSync(`${path}.other`, path)
  return () => renameSync(`${path}.away`, path)
}

function moveFolder(path: string) {
  const folder = dirname(path)
  renameSync(folder, `${folder}.away`)
  return () => {
    for (const end of FILES) renameSync(join(`${folder}.away`, basename(path) + end), path + end)
  }
}

function linkFolder(path: string) {
  const folder = dirname(path)
  cp(folder, `${folder}.copy`)
  renameSync(folder, `${folder}.away`)
  symlinkSync(`${folder}.copy`, folder)
  return () => {
    const spool = `${path}.spool`
    if (existsSync(spool)) renameSync(spool, join(`${folder}.away`, basename(spool)))
    rmSync(folder)
    renameSync(`${folder}.away`, folder)
  }
}

/** Copies the file as it was before over what it is now, with or without something in the log. */
const overwrite = (isLogEmpty: boolean) => (path: string) => {
  const database = openRaw(path)
  if (isLogEmpty) database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()
  database.close()
  cp(`${path}.older`, path)
  return undefined
}

function overwriteWithText(path: string) {
  cp(`${path}.signing-key`, path)
  return undefined
}

const gone = (end: string) => (path: string) => {
  rmSync(path + end)
  return undefined
}

const WAYS: readonly Way[] = [
  { name: 'the file is renamed', spoil: (path) => rename(path), left: '' },
  { name: 'the file is deleted', spoil: gone('') },
  { name: 'another file takes its place', spoil: replace, left: '' },
  { name: 'the log is renamed', spoil: (path) => rename(`${path}-wal`), left: '' },
  { name: 'the log is deleted', spoil: gone('-wal'), left: '' },
  { name: 'another log takes its place', spoil: (path) => replace(`${path}-wal`), left: '' },
  { name: 'the index of the log is renamed', spoil: (path) => rename(`${path}-shm`), left: '' },
  { name: 'the index of the log is deleted', spoil: gone('-shm'), left: '' },
  { name: 'the folder is renamed', spoil: moveFolder, left: '' },
  { name: 'a link to a copy of the folder takes its place', spoil: linkFolder, left: '' },
  { name: 'an older copy is written over it, all of it being in the file', spoil: overwrite(true), isOfTrail: true },
  { name: 'an older copy is written over it, the last of it being in the log', spoil: overwrite(false) },
  { name: 'what is no database is written over it', spoil: overwriteWithText },
]

async function openWatched(onTestFinished: (end: () => void) => void) {
  const folder = join(temporaryFolder(onTestFinished), 'data')
  mkdirSync(folder)
  const lines: string[] = []
  const error = (...said: unknown[]) => {
    const line = String(said.at(-1))
    if (line.startsWith('The database is not the one')) lines.push(line)
  }
  const log = { error, warn: () => {}, info: () => {} }
  const warden = await openTestWarden({ log: { ...silent, ...log } as unknown as Logger }, folder, onTestFinished)
  return { warden, lines }
}

/** The numbers of the events in a file, in its order. */
function written(path: string): number[] {
  const database = openRaw(path)
  try {
    return database.prepare(NUMBERS).pluck().all() as number[]
  } finally {
    database.close()
  }
}

const waiting = (path: string) => (existsSync(`${path}.spool`) ? readdirSync(`${path}.spool`) : [])

describe.concurrent('nothing is stored, told or lost while the database is not where it was:', () => {
  for (const { name, spoil, left, isOfTrail = false } of WAYS)
    test(name, async ({ expect, onTestFinished }) => {
      const { warden, lines } = await openWatched(onTestFinished)
      const { path } = warden
      cp(path, `${path}.older`)
      for (const n of [1, 2]) expect(await report(warden, n)).toBe('stored')
      // In the file itself.
      openRaw(path).prepare('PRAGMA wal_checkpoint(PASSIVE)').all()
      expect(await report(warden, 3)).toBe('stored')
      const putBack = spoil(path)

      expect(await report(warden, 4)).toBe('spooled')
      const { status, replies } = await warden.say(OWNER, `!config role demote ${OPERATOR} USER`)
      expect([status, replies[0]?.text]).toEqual(['failed', expect.stringContaining('not the one it was, so nothing')])
      await expect(warden.AuditLogRepository.count()).rejects.toMatchObject({ code: 'DATABASE_REPLACED' })
      await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1)
      expect(lines[0]).toContain(isOfTrail ? 'DATABASE_URL' : path)

      if (putBack === undefined) await warden.close()
      putBack?.()
      if (putBack !== undefined) {
        const left = async () => {
          await warden.AuditLogger.flush()
          return waiting(path)
        }
        await expect.poll(left, { timeout: 10_000 }).toEqual([])
        expect(written(path)).toEqual([1, 2, 3, 4])
        expect((await warden.say(OWNER, `!config role demote ${OPERATOR} USER`)).status).toBe('answered')
      } else if (left !== undefined) expect(written(path + left)).toEqual([1, 2, 3])
      expect(lines.length).toBe(1)
    })
})

test('a file that is only touched, or copied over itself, is the one that it was', async () => {
  const warden = await openTestWarden()
  const { path } = warden
  expect(await report(warden, 1)).toBe('stored')
  cp(path, `${path}.same`)
  cp(`${path}.same`, path)
  expect(await report(warden, 2)).toBe('stored')
  execFileSync('touch', [path])
  expect(await report(warden, 3)).toBe('stored')
  expect(written(path)).toEqual([1, 2, 3])
})

test('what SQLite writes to its file by itself is nothing to look into', async () => {
  const warden = await openTestWarden()
  for (const mode of ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE', 'TRUNCATE']) {
    expect(await report(warden, 1)).toBe('stored')
    openRaw(warden.path).prepare(`PRAGMA wal_checkpoint(${mode})`).all()
  }
  expect(await report(warden, 1)).toBe('stored')
})

test('an older copy that is written over it is noticed, too, where a process before it left the log', async () => {
  const { path, ...before } = await openTestWarden()
  cp(path, `${path}.older`)
  await before.AuditLogger.logCircuitBreakerChange({ service: 'test', state: 'OPEN', failureCount: 1 })
  openRaw(path).prepare('PRAGMA wal_checkpoint(PASSIVE)').all()
  await before.AuditLogger.logCircuitBreakerChange({ service: 'test', state: 'OPEN', failureCount: 2 })
  const folder = temporaryFolder()
  cp(path, `${path}-wal`, `${path}.signing-key`, folder)
  const warden = await openTestWarden({}, folder)
  cp(`${path}.older`, warden.path)
  expect(await report(warden, 3)).toBe('spooled')
  await expect(warden.AuditLogRepository.count()).rejects.toMatchObject({ code: 'DATABASE_REPLACED' })
})
