import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { verifyExport } from '../../src/audit/export/verify-export.ts'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, startNode } from '../support/child.ts'
import { envOf } from '../support/killed-writers.ts'
import { keyIn } from '../support/tamper.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 100)
/** So many more, if each had ended before it was killed. */
const MORE = 5
const ENTRIES = 50_000
const NAMES = ['all.jsonl', 'all.csv.gz']

async function prepare(): Promise<string> {
  const folder = temporaryFolder()
  const warden = await openTestWarden({}, folder)
  const performedBy = { phoneNumber: OWNER, name: 'Somebody with a name' }
  for (let sent = 0; sent < ENTRIES; sent += 5000)
    await Promise.all(
      Array.from({ length: 5000 }, (_, n) =>
        warden.AuditLogger.logUsageQuery({ performedBy, queryType: `query ${sent + n}` }),
      ),
    )
  await warden.close()
  return folder
}

test(`chatwarden export killed at any moment leaves no half file, ${ROUNDS} rounds`, async () => {
  const folder = await prepare()
  const env = envOf(folder)
  const directory = temporaryFolder()
  const keys = [keyIn(folder)]
  const run = (name: string) =>
    runNode([CLI, 'export', '--to', join(directory, name)], { env, timeout: 300_000, isLong: true })
  const findings = async (name: string) => {
    const path = join(directory, name)
    return (await verifyExport({ path, manifest: readFileSync(`${path}.manifest`, 'utf8'), keys })).findings
  }
  const durations: number[] = []
  for (const name of NAMES) {
    const started = performance.now()
    expect(await run(name)).toMatchObject({ code: 0 })
    durations.push(performance.now() - started)
  }
  let [killed, complete, pace] = [0, 0, 1]
  for (let round = 0; round < ROUNDS || (killed === 0 && round < ROUNDS + MORE); round++) {
    const name = NAMES[round % NAMES.length] ?? ''
    // The one of before belongs to another manifest from the moment on at which the new one is there.
    for (const suffix of ['', '.manifest', '.sha256']) rmSync(join(directory, name + suffix), { force: true })
    const running = startNode([CLI, 'export', '--to', join(directory, name)], { env })
    const ended = running.ended()
    await sleep((durations[round % NAMES.length] ?? 0) * (0.2 + 0.9 * Math.random()) * pace)
    if (running.process.kill('SIGKILL') && (await ended).code === null) killed++
    // The machine may have had more to do while the others were measured.
    else pace *= 0.6
    await ended
    if (!existsSync(join(directory, name))) continue
    complete++
    expect({ round, findings: await findings(name) }).toEqual({ round, findings: [] })
  }
  for (const name of NAMES) {
    expect(await run(name)).toMatchObject({ code: 0 })
    expect(await findings(name)).toEqual([])
  }
  expect(readdirSync(directory).sort()).toEqual(
    NAMES.flatMap((name) => [name, `${name}.manifest`, `${name}.sha256`]).sort(),
  )
  console.log(`${killed} of ${ROUNDS} killed, ${complete} of them or of the others with a complete file`)
  expect(killed).toBeGreaterThan(0)
})
