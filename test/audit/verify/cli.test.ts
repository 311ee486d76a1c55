import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Signer } from '../../../src/audit/tree/note.ts'
import { run as checkpoint } from '../../../src/cli/checkpoint.ts'
import { run as key } from '../../../src/cli/key.ts'
import { run as verify } from '../../../src/cli/verify.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import { shareCleanUps } from '../../support/at-end.ts'
import { ADMIN, FakeClock, OWNER, openTestWarden, temporaryFolder, USER } from '../../support/chatwarden.ts'
import { CLI, runNode } from '../../support/child.ts'
import { onPostgres, openAsOwner, openRaw, type RawDatabase, urlOf, withoutTriggers } from '../../support/database.ts'
import { runHere } from '../../support/run-here.ts'
import { copyOf, keyIn } from '../../support/tamper.ts'
import { keyOf } from '../../support/writer.ts'

const NO_CHECKPOINT = 'compared with no kept checkpoint'

const cleanUps = shareCleanUps()
/** A trail of long ago with retention and an erasure since; what was taken from it before, and the folder that it is in. */
const made = { folder: '', path: '', key: '', entry: '', proof: '', checkpoint: '', away: '' }
beforeAll(async () => {
  const clock = new FakeClock(Date.now() - 300 * DAY)
  const warden = await openTestWarden({ clock, env: { OWNER_PHONE_NUMBERS: OWNER } }, undefined, cleanUps.add)
  await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: USER } })
  const { replies } = await warden.say(ADMIN, '!config audit proof 4')
  const [proof = '', entry = ''] = replies.map(({ attachment }) => readFileSync(attachment?.path ?? '', 'utf8'))
  const away = temporaryFolder(cleanUps.add)
  const keep = (name: string, text: string) => {
    const path = join(away, name)
    writeFileSync(path, text)
    return path
  }
  const checkpoint = warden.sql<{ checkpoint: string }>('SELECT checkpoint FROM audit_head')[0]?.checkpoint ?? ''
  const asked = await warden.ask(OWNER, `!config audit erase ${USER}`)
  await warden.say(OWNER, `!config confirm ${/confirm (\d{6})/.exec(asked)?.[1]}`)
  clock.advance(200 * DAY)
  await warden.cleanupExpiredAuditLogs()
  await warden.close()
  const { folder, path } = warden
  const key = keyIn(folder).toString()
  const files = {
    entry: keep('entry.json', entry),
    proof: keep('proof', proof),
    checkpoint: keep('checkpoint', checkpoint),
  }
  Object.assign(made, { folder, path, away, key, ...files })
})

const drop = (database: RawDatabase, ...tables: string[]) => {
  for (const table of tables) database.exec(`DROP TABLE "${table}"`)
}

/** As a user does: what the process says and how it ends. */
const runProcess = (args: readonly string[], { path = made.path, dataDir = made.folder } = {}) =>
  runNode([CLI, 'verify', ...args], {
    cwd: made.away,
    env: { DATABASE_URL: urlOf(path), DATA_DIR: dataDir },
  })
const run = (args: readonly string[], { path = made.path, dataDir = made.folder } = {}) =>
  runHere(verify, args, { path, folder: dataDir })
const changed = (path: string, name: string, change: (text: string) => string) => {
  const copy = join(made.away, name)
  writeFileSync(copy, change(readFileSync(path, 'utf8')))
  return copy
}

describe('chatwarden verify', () => {
  test('ends with 0, and says that it compared with nothing', async () => {
    const { code, stdout, stderr } = await runProcess([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Internally consistent; ${NO_CHECKPOINT}`)
    expect(stdout).toContain('signed by the key on this machine')
    expect(stdout.toLowerCase()).not.toMatch(/\bverified\b/)
  })

  test('says which checkpoint of before it extends, and by which key', async () => {
    const { code, stdout } = await run(['--checkpoint', made.checkpoint, '--key', made.key])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Internally consistent; extends checkpoint \d+; signed by the key given/)
    expect(stdout).toContain('removed by retention')
  })

  test('says of which checkpoint it does not extend, and never that there was none', async () => {
    const checkpoint = join(made.away, 'later')
    const [origin, , ...rest] = readFileSync(made.checkpoint, 'utf8').split('\n\n')[0]?.split('\n') ?? []
    writeFileSync(
      checkpoint,
      keyOf(made.path)
        .current()
        .sign(`${[origin, '999999', ...rest].join('\n')}\n`),
    )
    const { code, stdout } = await run(['--checkpoint', checkpoint])
    expect({ code, stdout }).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('Not consistent; does not extend checkpoint 999999'),
    })
    expect(stdout).not.toContain(NO_CHECKPOINT)
  })

  test('ends with 5 and each finding by its entry', async () => {
    const path = copyOf(made.path, (database) => database.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 0"))
    const { code, stdout } = await runProcess(['--key', made.key], { path })
    expect(code).toBe(5)
    expect(stdout).toMatch(/^altered: entry 0 \([0-9a-f-]{36}\)$/m)
    expect(stdout).toContain('Not consistent')
    expect(stdout).not.toContain('Internally consistent')
  })

  test.each(['audit_logs', 'audit_head', 'audit_tiles', 'audit_moves', 'users', '_prisma_migrations'])(
    'ends with 5 where the table %s is gone, and says so',
    async (table) => {
      const path = copyOf(made.path, (database) => drop(database, table))
      const told =
        table === '_prisma_migrations'
          ? 'the migrations that it says it has'
          : `altered schema: table ${table} is missing`
      const { code, stdout } = await run(['--key', made.key, '--checkpoint', made.checkpoint], { path })
      expect({ code, stdout }).toMatchObject({ code: 5, stdout: expect.stringContaining(told) })
      expect(stdout).not.toContain(NO_CHECKPOINT)
    },
  )

  test.each<[string, () => Parameters<typeof run>]>([
    ['there is no database', () => [['--key', made.key], { path: join(made.away, 'none.db') }]],
    ['the file is no database', () => [['--key', made.key], { path: made.entry }]],
    [
      'the database has no trail',
      () => [
        ['--key', made.key],
        { path: copyOf(made.path, (db) => drop(db, 'audit_logs', 'audit_head', '_prisma_migrations')) },
      ],
    ],
    ['there is no key', () => [[], { path: copyOf(made.path) }]],
    ['the checkpoint is not there', () => [['--checkpoint', join(made.away, 'none')]]],
    ['the checkpoint is garbage', () => [['--checkpoint', made.entry]]],
    [
      'the checkpoint is unsigned',
      () => [['--checkpoint', changed(made.checkpoint, 'unsigned', (text) => `${text.split('\n\n')[0]}\n`)]],
    ],
    [
      'the checkpoint is no UTF-8',
      () => {
        const path = join(made.away, 'latin1')
        writeFileSync(
          path,
          Buffer.from(readFileSync(made.checkpoint, 'latin1').replace('chatwarden', 'chätwarden'), 'latin1'),
        )
        return [['--checkpoint', path]]
      },
    ],
    [
      'the checkpoint was changed',
      () => [['--checkpoint', changed(made.checkpoint, 'altered', (text) => text.replace(/\n\d+\n/, '\n3\n'))]],
    ],
  ])('ends with 3 where %s', async (_what, args) => {
    expect(await run(...args())).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Could not check: /m) })
  })
})

describe('chatwarden verify of a proof from before retention and erasure, far from the database', () => {
  const NOWHERE = { path: '/nowhere', dataDir: '/nowhere' }
  const argumentsOf = ({ proof = made.proof, entry = made.entry, key = made.key } = {}) => [
    '--proof',
    proof,
    '--entry',
    entry,
    '--key',
    key,
  ]
  /** The proof with its checkpoint as the key of the trail would sign it for another log. */
  function signedFor(origin: string): string {
    return changed(made.proof, 'other', (text) => {
      const [proof, checkpoint = ''] = text.split('\n\n')
      const [, size, root] = checkpoint.split('\n')
      return `${proof}\n\n${keyOf(made.path).current().sign(`${origin}\n${size}\n${root}\n`)}`
    })
  }
  const parts = (given?: Parameters<typeof argumentsOf>[0]) => run(argumentsOf(given), NOWHERE)

  test('ends with 0, also where the entry’s JSON was reformatted', async () => {
    const ended = await runProcess(argumentsOf(), NOWHERE)
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Entry 4 is in /), stderr: '' })
    const entry = changed(made.entry, 'pretty.json', (text) => JSON.stringify(JSON.parse(text), null, 2))
    expect(await parts({ entry })).toMatchObject({ code: 0 })
  })

  test.each<[string, () => Parameters<typeof parts>]>([
    [
      'an entry that was changed',
      () => [{ entry: changed(made.entry, 'a.json', (text) => text.replace('CONVERSATION', 'X')) }],
    ],
    ['an entry that is no JSON', () => [{ entry: made.checkpoint }]],
    [
      'an entry of an unknown version',
      () => [{ entry: changed(made.entry, 'v.json', (text) => text.replace('"v":1', '"v":2')) }],
    ],
    [
      'a proof of another place',
      () => [{ proof: changed(made.proof, 'p', (text) => text.replace(/^index 4$/m, 'index 3')) }],
    ],
    [
      'a proof of another size',
      () => [{ proof: changed(made.proof, 'p', (text) => text.replace(/\n(\d)\n/, '\n9\n')) }],
    ],
    ['a proof that is none', () => [{ proof: made.checkpoint }]],
    ['another key', () => [{ key: Signer.generate(made.key.split('+')[0] ?? '').verifier.toString() }]],
    ['a proof from another log, signed by the same key', () => [{ proof: signedFor('example.com/other') }]],
  ])('ends with 5 with %s', async (_what, args) => {
    expect(await parts(...args())).toMatchObject({ code: 5, stdout: expect.stringMatching(/^Not proved: /) })
  })

  test('ends with 3 where a file is missing, and with 2 where an argument is', async () => {
    expect(await runProcess(argumentsOf({ proof: '/nowhere/proof' }), NOWHERE)).toMatchObject({ code: 3 })
    expect(await parts({ entry: '/nowhere/entry' })).toMatchObject({ code: 3 })
    const wrong = [
      ['--proof', made.proof, '--entry', made.entry],
      ['--proof', made.proof, '--key', made.key],
      ['--key', 'garbage'],
      ['--nonsense'],
    ]
    const ended = await Promise.all(wrong.map((args) => runProcess(args)))
    expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2])
  })
})

describe('on the command line too,', () => {
  const entriesOf = (path: string) => {
    const database = openRaw(path)
    const rows = database
      .prepare('SELECT action, account, user_role AS role, source, metadata FROM audit_logs ORDER BY seq')
      .all() as { action: string; account: string; role: string; source: string; metadata: string }[]
    database.close()
    return rows.map(({ metadata, ...row }) => ({ ...row, metadata: JSON.parse(metadata) }))
  }
  const KEY = () => ({ AUDIT_SIGNING_KEY: keyOf(made.path).current().export() })
  /** As on the machine of the bot, where the key is. */
  const here = (act: Parameters<typeof runHere>[0], args: readonly string[], path: string, env = KEY()) =>
    runHere(act, args, { path, folder: made.folder }, env)
  const by = { account: 'SYSTEM', role: 'SYSTEM', source: 'cli' }
  const operator = expect.stringContaining('@')

  test('to verify, and to look at key and checkpoint, are entries', async () => {
    const path = copyOf(made.path)
    const before = entriesOf(path).length
    expect(await here(verify, ['--checkpoint', made.checkpoint], path)).toMatchObject({ code: 0, stderr: '' })
    expect(await here(key, [], path)).toMatchObject({ code: 0, stdout: `${made.key}\n`, stderr: '' })
    expect(await here(checkpoint, [], path)).toMatchObject({ code: 0, stderr: '' })
    const checkpointSize = Number(readFileSync(made.checkpoint, 'utf8').split('\n')[1])
    const written = entriesOf(path).slice(before)
    expect(written).toEqual([
      {
        ...by,
        action: 'AUDIT_VERIFIED',
        metadata: { size: expect.any(Number), findings: 0, checkpointSize, operator },
      },
      { ...by, action: 'AUDIT_KEY_VIEWED', metadata: { operator } },
      {
        ...by,
        action: 'AUDIT_CHECKPOINT_SENT',
        metadata: { size: written[0]?.metadata.size + 2, recipients: 1, operator },
      },
    ])
    for (const act of [verify, key, checkpoint])
      expect(await here(act, ['--no-entry'], path)).toMatchObject({ code: 0, stderr: '' })
    expect(entriesOf(path)).toHaveLength(before + 3)
  })

  test('findings are counted in it', async () => {
    const path = copyOf(made.path)
    const database = openAsOwner(path)
    withoutTriggers(database, () => database.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 0"))
    database.close()
    expect(await here(verify, [], path)).toMatchObject({ code: 5 })
    // The entry, and what no entry explains without it.
    expect(entriesOf(path).at(-1)).toMatchObject({ action: 'AUDIT_VERIFIED', metadata: { findings: 4 } })
  })

  const ON_LOGS = onPostgres ? ' ON audit_logs' : ''
  test.each([
    ['its key is not here', '', { AUDIT_SIGNING_KEY: '' }],
    ['something of ours is gone', 'DROP TABLE audit_restored', undefined],
    ['a trigger is gone', `DROP TRIGGER audit_logs_refuse_update${ON_LOGS}`, undefined],
    ['its head is not signed', 'UPDATE audit_head SET checkpoint = lower(checkpoint)', undefined],
  ])('nothing is written where %s', async (_what, sql, env) => {
    const path = copyOf(made.path)
    execute(path, sql)
    const before = entriesOf(path)
    const { code, stderr } = await here(verify, ['--key', made.key], path, env)
    expect({ code, stderr }).toEqual({ code: sql === '' ? 0 : 5, stderr: '' })
    if (sql !== '')
      for (const act of [key, checkpoint]) {
        const { stdout, stderr } = await here(act, [], path)
        expect(stdout).not.toBe('')
        expect(stderr).toContain('No entry of it could be written: ')
      }
    expect(entriesOf(path)).toEqual(before)
  })

  test('a database that takes nothing gets its answer all the same, and that there is no entry', async () => {
    const path = copyOf(made.path)
    execute(path, `INSERT INTO audit_moves VALUES (1, 'elsewhere', ${onPostgres ? 'now()' : '1'})`)
    for (const [act, args] of [
      [verify, ['--key', made.key]],
      [key, []],
      [checkpoint, []],
    ] as const) {
      const { code, stdout, stderr } = await here(act, args, path)
      expect({ code, isTold: stdout !== '' }).toEqual({ code: act === verify ? expect.any(Number) : 0, isTold: true })
      expect(stderr).toContain('No entry of it could be written: ')
    }
  })
})

function execute(path: string, sql: string): void {
  const database = openAsOwner(path)
  try {
    if (sql !== '') database.exec(sql)
  } finally {
    database.close()
  }
}
