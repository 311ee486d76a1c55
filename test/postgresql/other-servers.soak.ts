import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { run as migrate } from '../../src/cli/migrate.ts'
import { run as verify } from '../../src/cli/verify.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { OWNER, openTestWarden, temporaryFolder, USER } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { type DebianServer, startDebianServer } from '../support/debian-server.ts'
import { freePort } from '../support/postgres-server.ts'
import { ask, makeTwoRoles, type TwoRoles } from '../support/two-roles.ts'

const { add: atEnd } = shareCleanUps()
let server: DebianServer
let roles: TwoRoles

beforeAll(async () => {
  server = await startDebianServer(atEnd, { listen_addresses: '127.0.0.1,::1' })
  roles = await makeTwoRoles(server.url, atEnd)
})

const environmentOf = (url: string, ownerUrl: string) => ({
  DATABASE_URL: url,
  DATABASE_OWNER_URL: ownerUrl,
  DATA_DIR: temporaryFolder(),
  OWNER_PHONE_NUMBERS: OWNER,
  CHAT: 'terminal',
})

/** The same URL on another host or port. */
function at(url: string, host: string, port = new URL(url).port): string {
  const other = new URL(url)
  other.host = `${host}:${port}`
  return other.href
}

test('a server is reached by its address of IPv6, by the bot, migrate, doctor and verify', async () => {
  const url = at(roles.ownerUrl, '[::1]')
  const env = environmentOf(at(roles.applicationUrl, '[::1]'), url)
  // Two names of one place.
  expect(await onCommandLine(() => migrate([]), { ...env, DATABASE_URL: roles.applicationUrl })).toMatchObject({
    code: 0,
  })
  const folder = env.DATA_DIR
  const warden = await openTestWarden({ env }, folder)
  expect(await warden.ask(OWNER, `!config role promote ${USER} OPERATOR`)).toMatch(/Successful/)
  await warden.close()
  expect(await onCommandLine(() => doctor([]), env)).toMatchObject({ code: 0, out: expect.stringContaining('[::1]:') })
  expect(await onCommandLine(() => verify([]), env)).toMatchObject({ code: 0 })
})

test('a read replica is refused by all that writes, with or without a trail on it, and verify reads it', async () => {
  const [empty, full] = [await makeTwoRoles(server.url, atEnd), await makeTwoRoles(server.url, atEnd)]
  await migrateAsOwner(full.ownerUrl, full.applicationUrl, undefined)
  const env = environmentOf(full.applicationUrl, full.ownerUrl)
  const warden = await openTestWarden({ env }, env.DATA_DIR)
  await warden.close()
  const port = await replicaOf(server)
  for (const { ownerUrl, applicationUrl } of [full, empty]) {
    const there = { ...env, ...environmentOf(at(applicationUrl, '127.0.0.1', port), at(ownerUrl, '127.0.0.1', port)) }
    const refused = { code: 'CONFIG_INVALID', message: expect.stringMatching(/read replica.*primary/) }
    await expect(openTestWarden({ env: there }, env.DATA_DIR)).rejects.toMatchObject(refused)
    await expect(onCommandLine(() => migrate([]), there)).rejects.toMatchObject(refused)
    expect(await onCommandLine(() => doctor([]), there)).toMatchObject({
      code: 3,
      out: expect.stringMatching(/✘ Database: .*read replica[\s\S]*primary/),
    })
  }
  const there = { ...env, DATABASE_URL: at(full.applicationUrl, '127.0.0.1', port) }
  expect(await onCommandLine(() => verify([]), there)).toMatchObject({ code: 0 })
})

/** A second server that follows one, with what is in it. @returns its port. */
async function replicaOf({ url, programs, ids }: DebianServer): Promise<string> {
  const folder = temporaryFolder(atEnd)
  chownSync(folder, ids.uid, ids.gid)
  const data = join(folder, 'replica')
  const port = String(await freePort())
  const run = (program: string, args: readonly string[]) =>
    execFileSync(join(programs, program), args, { ...ids, cwd: folder, stdio: 'ignore', timeout: 120_000 })
  run('pg_basebackup', ['--pgdata', data, '--write-recovery-conf', '--checkpoint=fast', '--dbname', url])
  const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`
  run('pg_ctl', ['start', '--pgdata', data, '--wait', '--log', join(folder, 'log'), '--options', options])
  atEnd(() => void run('pg_ctl', ['stop', '--pgdata', data, '--mode=immediate', '--wait']))
  const replica = at(url, '127.0.0.1', port)
  await vi.waitFor(
    async () => expect(await ask(replica, 'SELECT pg_is_in_recovery() AS yes')).toEqual([{ yes: true }]),
    20_000,
  )
  return port
}
