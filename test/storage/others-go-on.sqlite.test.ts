import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openChatwarden } from '../../src/app/open.ts'
import { OPERATOR, OWNER, openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, SHORT_LIVED } from '../support/child.ts'
import { openRaw, urlOf } from '../support/database.ts'
import { report } from '../support/numbered-reports.ts'

/** What another process writes while the first one refuses to, as it finds the file. */
const say = ({ folder, path }: TestWarden, command: string) =>
  runNode([...SHORT_LIVED, CLI, 'say', '--as', OWNER, command], {
    env: { DATABASE_URL: urlOf(path), DATA_DIR: folder, LOG_LEVEL: 'silent' },
  })

const blocked = (path: string): unknown[] =>
  openRaw(path).prepare('SELECT account FROM blocks').pluck().all() as unknown[]

test('what others commit to a file whose log was deleted stays when the one that noticed is closed', async () => {
  const warden = await openTestWarden()
  for (const n of [1, 2, 3]) expect(await report(warden, n)).toBe('stored')
  for (const end of ['-wal', '-shm']) rmSync(warden.path + end)
  expect(await report(warden, 4)).toBe('spooled')
  expect((await say(warden, `!config user block ${OPERATOR} a lost phone`)).code).toBe(0)
  await warden.close()
  expect(blocked(warden.path)).toEqual([OPERATOR])
})

test('a new database behind a link is for nobody else, either', async () => {
  const folder = temporaryFolder()
  const before = process.umask(0o022)
  try {
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real', 'x.db'), join(folder, 'x.db'))
    const env = { DATABASE_URL: `file:${join(folder, 'x.db')}`, DATA_DIR: folder, OWNER_PHONE_NUMBERS: OWNER }
    const warden = await openChatwarden({ jobs: false, env })
    for (const name of readdirSync(join(folder, 'real')))
      expect([name, statSync(join(folder, 'real', name)).mode & 0o777]).toEqual([name, 0o600])
    await warden.close()
  } finally {
    process.umask(before)
  }
})

test('a database that is named from the folder of the process is the same one when that goes elsewhere', async () => {
  const [before, folder] = [process.cwd(), temporaryFolder()]
  try {
    mkdirSync(join(folder, 'elsewhere'))
    process.chdir(folder)
    const env = { DATABASE_URL: 'file:./x.db', DATA_DIR: '.', OWNER_PHONE_NUMBERS: OWNER }
    const warden = await openChatwarden({ jobs: false, env })
    process.chdir(join(folder, 'elsewhere'))
    expect(await report(warden, 1)).toBe('stored')
    expect(await warden.AuditLogRepository.count({ action: 'CIRCUIT_BREAKER_OPEN' })).toBe(1)
    await warden.close()
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  } finally {
    process.chdir(before)
  }
})
