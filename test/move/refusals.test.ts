import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { UsageError } from '../../src/app/usage-error.ts'
import { run } from '../../src/cli/move.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { emptyDatabase, isMarked, onServer } from '../support/moving.ts'
import { runHere } from '../support/run-here.ts'
import { swapIndexOfRoles } from '../support/swapped-index.ts'
import { tamper } from '../support/tamper.ts'

const there = 'postgresql://somebody:hidden@127.0.0.1:1/chatwarden'

test.each([
  [[], /needs --from and --to/],
  [['--from', there, '--to', 'file:a.db'], /and not back/],
  [['--from', 'a.db', '--to', there], /--from must name a file/],
  [['--from', 'file:a.db', '--to', 'file:b.db'], /--to must name a database on a server/],
  [['--from', 'file:a.db', '--to', 'postgresql://a:hidden@127.0.0.1'], /names no database/],
])('%j is no move', async (args, problem) => {
  const error = await run(args).catch((error: Error) => error)
  expect(error).toBeInstanceOf(UsageError)
  expect((error as Error).message).toMatch(problem)
  expect((error as Error).message).not.toContain('hidden')
})

test('what cannot be moved from is said, and left as it is', async () => {
  const folder = temporaryFolder()
  const [text, other] = [join(folder, 'text.db'), join(folder, 'other.db')]
  writeFileSync(text, 'no database at all, only text that is longer than the head of one'.repeat(30))
  const database = new Database(other)
  database.exec('CREATE TABLE users (id)')
  const from = (path: string) => runHere(run, ['--from', `file:${path}`, '--to', there], { path, folder })
  expect(await from(join(folder, 'none.db'))).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('there is no file'),
  })
  for (const path of [text, other])
    expect(await from(path)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('is not a database of Chatwarden'),
    })
  expect(database.prepare('SELECT name FROM sqlite_master').pluck().all()).toEqual(['users'])
  database.exec('DROP TABLE users')
  database.close()
})

test('where it cannot be moved to is said without a password', async () => {
  const place = await openTestWarden()
  await place.close()
  const url = new URL(await emptyDatabase())
  const name = `move_poor_${process.pid}`
  await onServer(url.href, `CREATE ROLE ${name} LOGIN PASSWORD 'hidden'`)
  const [away, poor] = [there, new URL(url)]
  poor.username = name
  poor.password = 'hidden'
  const to = (target: string) => runHere(run, ['--from', `file:${place.path}`, '--to', target], place)
  try {
    for (const [target, problem] of [
      [away, /127\.0\.0\.1:1\/chatwarden: .*ECONNREFUSED/],
      [poor.href, /may not/],
    ] as const) {
      const { code, stdout } = await to(target)
      expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringMatching(problem) })
      expect(stdout).not.toContain('hidden')
    }
  } finally {
    await onServer(url.href, `DROP ROLE ${name}`)
  }
  expect(isMarked(place.path)).toBe(false)
})

test('a trail without its key is not moved, as nothing could be checked', async () => {
  const place = await openTestWarden()
  await place.close()
  const elsewhere = temporaryFolder()
  const copy = join(elsewhere, 'chatwarden.db')
  copyFileSync(place.path, copy)
  const given = { path: copy, folder: elsewhere }
  const { code, stdout } = await runHere(run, ['--from', `file:${copy}`, '--to', await emptyDatabase()], given)
  expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('there is no key') })
})

test.each([
  [
    'something changes its rows',
    "CREATE TRIGGER promote AFTER INSERT ON users BEGIN UPDATE users SET role = 'OWNER'; END",
    'trigger promote on users is not of Chatwarden',
  ],
  [
    'what keeps entries is missing',
    'DROP TRIGGER audit_logs_refuse_update',
    'is missing (the next start puts it back)',
  ],
])('a trail in which %s is not moved', async (_what, sql, problem) => {
  const place = await openTestWarden()
  await place.close()
  new Database(place.path).exec(sql).close()
  const { code, stdout } = await runHere(run, ['--from', `file:${place.path}`, '--to', await emptyDatabase()], place)
  expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining(problem) })
  expect(isMarked(place.path)).toBe(false)
})

test('nor one in which an index names other rows than its table', async () => {
  const place = await openTestWarden()
  await place.close()
  tamper(place.path, swapIndexOfRoles)
  const { code, stdout } = await runHere(run, ['--from', `file:${place.path}`, '--to', await emptyDatabase()], place)
  expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringMatching(/is damaged: .*users_role_idx/) })
})
