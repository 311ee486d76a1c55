import { beforeAll, describe, expect, test, vi } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { checkServer } from '../../src/doctor/server.ts'
import { createLogger } from '../../src/kernel/log.ts'
import type { PoolUse } from '../../src/storage/contract.ts'
import { watchPools } from '../../src/storage/pool-watch.ts'
import { inspectServer, type ServerInspection } from '../../src/storage/postgresql/inspect-server.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { makeTwoRoles, type TwoRoles, urlOf } from '../support/two-roles.ts'

const { add: atEnd } = shareCleanUps()
let roles: TwoRoles
let folder: string

beforeAll(async () => {
  roles = await makeTwoRoles(undefined, atEnd)
  folder = temporaryFolder(atEnd)
})

const look = (url: string) =>
  onCommandLine(() => doctor([]), { DATABASE_URL: url, DATA_DIR: folder, OWNER_PHONE_NUMBERS: OWNER, CHAT: 'terminal' })

describe('chatwarden doctor on PostgreSQL', () => {
  test('says who has to migrate', async () => {
    const { code, out } = await look(roles.applicationUrl)
    expect({ code, out }).toMatchObject({
      code: 3,
      out: expect.stringMatching(/✘ Schema: not up to date, and \S+ may not/),
    })
    const owner = await look(roles.ownerUrl)
    // The server of the tests need not keep anything.
    expect(owner).toMatchObject({
      code: owner.out.includes('✘ Durability') ? 3 : 0,
      out: expect.stringContaining('next start brings it up'),
    })
  })

  test('says that all is well, and with which rights', async () => {
    await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
    const closing: (() => void | Promise<void>)[] = []
    const env = { DATABASE_URL: roles.applicationUrl }
    const warden = await openTestWarden({ env }, folder, (cleanUp) => void closing.push(cleanUp))
    await warden.say(OWNER, '!config role list')
    expect(warden.poolUse().map(({ name }) => name)).toEqual(['reading', 'writing'])
    const { code, out } = await look(roles.applicationUrl)
    for (const cleanUp of closing.reverse()) await cleanUp()
    expect({ code, out }).toMatchObject({ code: out.includes('✘ Durability') ? 3 : 0 })
    for (const line of [
      new RegExp(
        `✔ Database: postgresql://\\S+/${roles.database} answered in \\d+ ms: PostgreSQL \\d+\\.\\d+, \\d+ entries`,
      ),
      /✔ Schema: as this version makes it/,
      /✔ Rights: least privilege is in force/,
      /Durability: /,
      /✔ Connections: \d+ of \d+ in use by this user \(\d+ %\)/,
      /✔ Clock of the server: within/,
      /✔ Signing key: /,
      /✔ Owner: there/,
    ])
      expect(out).toMatch(line)
    expect(out).not.toContain('secret')
    expect((await look(roles.ownerUrl)).out).toMatch(/! Rights: least privilege is not in force: \S+ owns the tables/)
  })

  test('says that the server is away, or takes no such password', async () => {
    const away = new URL(roles.applicationUrl)
    away.port = '1'
    expect(await look(away.href)).toMatchObject({ code: 3, out: expect.stringMatching(/✘ Database: .*ECONNREFUSED/) })
    const missing = urlOf(roles.applicationUrl, { database: 'ops_missing' })
    expect(await look(missing)).toMatchObject({ code: 3, out: expect.stringMatching(/"ops_missing" does not exist/) })
  })
})

test.each([
  ['an old server', { version: 130_012 }, /problem Database: .* is PostgreSQL 13\.12/],
  ['a newer schema', { pending: { problem: 'made by a newer version' } }, /problem Schema: cannot be used/],
  ['a server that forgets', { unsafe: ['fsync = off'] }, /problem Durability: fsync = off/],
  ['too few connections', { connections: { most: 10, ours: 1, all: 5 } }, /warning Connections: 1 of 10 .*10 %/],
  ['a clock that goes wrong', { clockAhead: -6000 }, /problem Clock of the server: 6\.0 s behind/],
  ['a transaction that never ends', { oldestTransaction: 4000 }, /warning Upkeep: the oldest transaction is 4000 s/],
])('%s is told of', async (_name, different, expected) => {
  const found = await inspectServer(roles.applicationUrl, 'x')
  const findings = checkServer({ ...found, ...different } as ServerInspection, 5)
  expect(findings.map(({ verdict, name, text }) => `${verdict} ${name}: ${text}`).join('\n')).toMatch(expected)
})

test('a pool that is used up for a minute is in the log', () => {
  vi.useFakeTimers()
  const log = createLogger('silent')
  const warn = vi.spyOn(log, 'warn')
  let use: PoolUse = { name: 'reading', percent: 100, waiting: 0 }
  const stop = watchPools({ poolUse: () => [use], aside: undefined as never }, log)
  try {
    vi.advanceTimersByTime(55_000)
    use = { ...use, percent: 50 }
    vi.advanceTimersByTime(10_000)
    use = { ...use, waiting: 3 }
    vi.advanceTimersByTime(60_000)
    expect(warn).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)
    expect(warn).toHaveBeenCalledTimes(1)
  } finally {
    stop()
    vi.useRealTimers()
  }
})
