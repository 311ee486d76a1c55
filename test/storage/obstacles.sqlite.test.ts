import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode } from '../support/child.ts'
import { onCommandLine } from '../support/command-line.ts'
import { environmentOf } from '../support/database.ts'

/** A closed database with some entries, changed. */
async function changed(change: (file: Buffer) => Buffer): Promise<string> {
  const folder = temporaryFolder()
  const cleanUps: (() => unknown)[] = []
  const { path } = await openTestWarden({}, folder, (cleanUp) => void cleanUps.push(cleanUp))
  await cleanUps.at(-1)?.()
  writeFileSync(path, change(readFileSync(path)))
  return path
}

const PAGE = 4096
const emptied = (from: number, to: number) => (file: Buffer) =>
  Buffer.from(file).fill(7, from, Math.min(to, file.length))

describe.each([
  ['whose pages are overwritten', emptied(PAGE, Number.POSITIVE_INFINITY), 'DATABASE_DAMAGED'],
  ['whose schema is overwritten', emptied(100, PAGE), 'DATABASE_DAMAGED'],
  ['that is cut short', (file: Buffer) => file.subarray(0, PAGE * 3), 'DATABASE_DAMAGED'],
  ['that is a text', () => Buffer.alloc(PAGE * 2, 'no database '), 'CONFIG_INVALID'],
])('a file %s', (_, change, code) => {
  test('is named by its own code, with what to do that loses nothing', async () => {
    const path = await changed(change)
    await expect(openDatabase(`file:${path}`)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/DATABASE_URL=file:.*(?:malformed|not a database).*put the file aside, with -wal/),
    })
    const { code: exit, out } = await onCommandLine(() => doctor([]), environmentOf(path))
    expect(exit).toBe(3)
    expect(out).toMatch(/✘ Database: .*\n.*put the file aside, with -wal/)
    if (code === 'CONFIG_INVALID') expect(out).toContain('Is it the right file?')
  })
})

/** As Node does with a driver that was compiled for another one. */
const FOREIGN = `process.dlopen = () => {
  throw Object.assign(new Error("The module was compiled against a different Node.js version using\\nNODE_MODULE_VERSION 108."), { code: 'ERR_DLOPEN_FAILED' })
}`

test('a driver of another Node.js is named, and no database is said to be damaged', async () => {
  const cwd = temporaryFolder()
  const path = await changed((file) => file)
  writeFileSync(join(cwd, 'foreign.cjs'), FOREIGN)
  const env = { ...environmentOf(path), NODE_OPTIONS: `--require ${join(cwd, 'foreign.cjs')}` }
  for (const command of [['doctor'], ['verify'], ['say', '!config role list']]) {
    const { code, stdout, stderr } = await runNode([CLI, ...command], { cwd, env })
    expect([command[0], code]).toEqual([command[0], 3])
    expect(stdout + stderr).toMatch(/npm rebuild better-sqlite3/)
    expect(stdout + stderr).not.toMatch(/backup|damaged|\n {4}at /)
  }
})
