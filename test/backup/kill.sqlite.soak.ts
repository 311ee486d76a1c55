import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sha256Of } from '../../src/kernel/sha256.ts'
import { backupsIn, verified } from '../support/backups.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, startNode } from '../support/child.ts'
import { envOf, startWriter } from '../support/killed-writers.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 60)
/** So many more, if each had ended before it was killed. */
const MORE = 5

/** What has its final name is whole. @returns the names. */
async function checkBackups(directory: string, folder: string, known: ReadonlySet<string>): Promise<string[]> {
  const names = backupsIn(directory)
  for (const name of names.filter((each) => !known.has(each))) {
    const file = join(directory, name)
    expect(readFileSync(`${file}.sha256`, 'utf8')).toBe(`${(await sha256Of(createReadStream(file))).sha256}  ${name}\n`)
    const { findings, present, size } = await verified(file, folder, readFileSync(`${file}.checkpoint`, 'utf8'))
    expect({ findings, present }).toEqual({ findings: [], present: size })
  }
  return names
}

test(`chatwarden backup killed at any moment leaves nothing half, ${ROUNDS} rounds, while a bot writes`, async () => {
  const { folder, sql } = await openTestWarden()
  sql(`CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    SELECT randomblob(3000) AS bytes FROM n`)
  const env = { ...envOf(folder), OWNER_PHONE_NUMBERS: '+15550000101' }
  const directory = temporaryFolder()
  const args = [CLI, 'backup', '--keys', directory]
  const writer = startWriter(folder, 'writer')
  const started = performance.now()
  expect(await runNode(args, { env })).toMatchObject({ code: 0 })
  const duration = performance.now() - started
  let known = new Set<string>()
  let killed = 0
  for (let round = 1; round <= ROUNDS || (killed === 0 && round <= ROUNDS + MORE); round++) {
    const running = startNode(args, { env })
    const ended = running.ended()
    await sleep(duration * (0.1 + Math.random()))
    if (running.process.kill('SIGKILL') && (await ended).code === null) killed++
    known = new Set(await checkBackups(directory, folder, known))
  }
  expect(await runNode(args, { env })).toMatchObject({ code: 0 })
  await writer.kill()
  const names = await checkBackups(directory, folder, known)
  // Beside each backup lies what belongs to it, and nothing else is left of those that were killed.
  expect(readdirSync(directory).sort()).toEqual(
    names.flatMap((name) => [name, `${name}.checkpoint`, `${name}.keys`, `${name}.sha256`]).sort(),
  )
  const told = sql<{ file: string }>(
    "SELECT metadata ->> '$.file' AS file FROM audit_logs WHERE action = 'AUDIT_BACKUP_MADE'",
  )
  expect(names).toEqual(expect.arrayContaining(told.map(({ file }) => file)))
  console.log(`${killed} of ${ROUNDS} killed; ${names.length} backups, ${told.length} entries about them`)
  expect(killed).toBeGreaterThan(0)
})
