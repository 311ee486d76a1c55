import { existsSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Signer } from '../../src/audit/tree/note.ts'
import { run as archive } from '../../src/cli/archive.ts'
import { run as keyCommand } from '../../src/cli/key.ts'
import { doctor } from '../../src/doctor/doctor.ts'
import { openChatwarden } from '../../src/index.ts'
import { backedUp, restoreTo } from '../support/backups.ts'
import { openTestWarden } from '../support/chatwarden.ts'
import { environmentOf } from '../support/database.ts'
import { runHere } from '../support/run-here.ts'

test('`doctor` goes on where a configured key has another name than is configured', async () => {
  const { path, folder } = await openTestWarden()
  const env = { AUDIT_SIGNING_KEY: Signer.generate('a').export(), AUDIT_ORIGIN: 'b' }
  const lines: string[] = []
  const examine = async () => ((await doctor((line) => lines.push(line))) ? 0 : 1)
  const { code } = await runHere(examine, [], { path: `${path}.other`, folder }, env)
  expect({ code, lines }).toMatchObject({ code: 1, lines: expect.arrayContaining(['✘ Signing key: cannot be used']) })
})

test('where a file is gone none is made beside its key, `doctor` says so, and a restore puts it back', async () => {
  const trail = await openTestWarden()
  await trail.close()
  const file = await backedUp(trail)
  for (const end of ['', '-wal', '-shm']) rmSync(trail.path + end, { force: true })
  const refusal = { code: 'CONFIG_INVALID', message: expect.stringContaining('chatwarden restore DIR') }
  await expect(openChatwarden({ env: environmentOf(trail.path), jobs: false })).rejects.toMatchObject(refusal)
  await expect(runHere(archive, ['list'], trail)).rejects.toMatchObject(refusal)
  await expect(runHere(keyCommand, ['rotate'], trail)).rejects.toMatchObject(refusal)
  const lines: string[] = []
  const examined = await runHere(async () => ((await doctor((line) => lines.push(line))) ? 0 : 1), [], trail)
  expect(examined.code).toBe(1)
  expect(lines.join('\n')).toMatch(/✘ Signing key: .* has signed a trail that is not here\n.*chatwarden restore DIR/)
  expect(existsSync(trail.path)).toBe(false)
  expect((await restoreTo(trail, [file])).code).toBe(0)
  expect((await runHere(archive, ['list'], trail)).code).toBe(0)
})
