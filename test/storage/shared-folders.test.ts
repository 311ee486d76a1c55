import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { Spool } from '../../src/audit/write/spool.ts'
import { removeStale } from '../../src/commands/outgoing.ts'
import { isAbandoned } from '../../src/kernel/abandoned.ts'
import { removeAbandoned } from '../../src/kernel/partial-file.ts'
import { temporaryFolder } from '../support/chatwarden.ts'

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

/** Whoever shares a folder makes things in it and removes them, while it is looked at. */
async function whileItChanges(
  folder: string,
  nameOf: (n: number) => string,
  look: () => Promise<unknown>,
): Promise<void> {
  let isOver = false
  const others = [0, 1, 2, 3].map(async (writer) => {
    for (let n = 0; !isOver; n++) {
      const path = join(folder, nameOf(n * 4 + writer))
      if (n % 2 === 0) await mkdir(path, { recursive: true })
      else await writeFile(path, '')
      await rm(path, { recursive: true, force: true })
    }
  })
  for (let round = 0; round < 300; round++) await look()
  isOver = true
  await Promise.all(others)
}

describe('a folder that other processes use is read by what is still there', () => {
  test('of files that are handed over', async () => {
    const folder = temporaryFolder()
    await whileItChanges(folder, String, () => removeStale(folder, Date.now() - 60_000))
  })

  test('of the spool', async () => {
    const folder = temporaryFolder()
    const open = () => new Spool(folder, pino({ level: 'silent' })).open()
    await whileItChanges(folder, (n) => `${n}.tmp`, open)
  })

  test('of files that are not complete', async () => {
    const folder = temporaryFolder()
    const name = (n: number) => `x.00000000-${n}-00000000-0000-7000-8000-${String(n).padStart(12, '0')}.partial`
    await whileItChanges(folder, name, () => removeAbandoned(folder))
    await whileItChanges(folder, String, () => isAbandoned(join(folder, '1'), 'x', '1'))
  })
})

/** Where nobody else is: a trail that is moved, and a backup that is written, are locked; the package's own files stay. */
const ALONE = ['move/beside.ts', 'backup/restore-place.ts', 'storage/migration-files.ts']
/** A file that somebody named. */
const NAMED = "findCheckpoint(readFileSync(path, 'utf8'))"

test('what is looked at after a folder was read may be gone, everywhere in src', () => {
  const wrong: string[] = []
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || ALONE.includes(file)) continue
    const source = readFileSync(join(SRC, file), 'utf8')
    if (!/\breaddir(?:Sync)?\(/.test(source)) continue
    for (const [index, line] of source.split('\n').entries())
      if (
        /(?:\b(?:l?stat|readFile|rm)|statSync|readFileSync)\(/.test(line) &&
        !line.includes(NAMED) &&
        !isGuarded(source, index)
      )
        wrong.push(`${file}:${index + 1} ${line.trim()}`)
  }
  expect(wrong).toEqual([])
})

/** It says what is to be if there is nothing: by a handler, a flag, or a `try` around it. */
function isGuarded(source: string, index: number): boolean {
  const lines = source.split('\n')
  const line = lines[index] ?? ''
  const around = lines.slice(Math.max(0, index - 8), index).join('\n')
  return /\.catch\(|force: true|throwIfNoEntry: false|\.then\($/.test(line) || /\btry \{/.test(around)
}
