import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { RawDatabase } from '../../support/database.ts'
import { onPostgres } from '../../support/database.ts'
import { shareRichTrail } from '../../support/rich-trail.ts'
import { copyOf, findingsIn, verifyFile } from '../../support/tamper.ts'

const shared = shareRichTrail()
const found = (act: (database: RawDatabase) => void) => findingsIn(copyOf(shared.trail.path, act), shared.trail.how)
const idAt = (database: RawDatabase, seq: number) =>
  database.prepare('SELECT id FROM audit_logs WHERE seq = ?').pluck().get(seq) as string
/** Moves entries, from the last to the first where they go up. */
const move = (database: RawDatabase, from: number, by: number) => {
  const seqs = database.prepare('SELECT seq FROM audit_logs WHERE seq >= ?').pluck().all(from) as number[]
  const renumber = database.prepare('UPDATE audit_logs SET seq = seq + ? WHERE seq = ?')
  database.transaction(() => {
    for (const seq of by > 0 ? seqs.reverse() : seqs) renumber.run(by, seq)
  })()
}
const copyRow = (database: RawDatabase, from: number, to: number, id = 'forged') =>
  database.exec(`INSERT INTO audit_logs SELECT ${to}, '${id}', created_at, source, category, action, description, user_id,
    account, actor_name, user_role, resource_type, resource_id, subject_id, channel_id, request_id, ip_address, user_agent,
    metadata, nonce, leaf_hash FROM audit_logs WHERE seq = ${from}`)

test('an untouched trail has nothing to object to', async () => {
  expect(await verifyFile(copyOf(shared.trail.path), shared.trail.how)).toMatchObject({
    size: 700,
    present: 700,
    removed: { retention: 0, erasures: [] },
    findings: [],
    extends: undefined,
  })
})

describe('each column of an entry is covered:', () => {
  const texts = [
    'source',
    'category',
    'action',
    'description',
    'account',
    'user_role',
    'metadata',
    ...[
      'user_id',
      'actor_name',
      'resource_type',
      'resource_id',
      'subject_id',
      'channel_id',
      'request_id',
      'ip_address',
      'user_agent',
    ],
  ]
  // What a column of PostgreSQL cannot hold at all.
  const otherTypes: [string, string | number][] = [
    ['created_at', 9e15],
    ['created_at', 'yesterday'],
    ['nonce', 5],
  ]
  const changes: [string, string | number | Buffer | null][] = [
    ...texts.map((column): [string, string] => [column, 'x']),
    ...['user_id', 'actor_name'].map((column): [string, null] => [column, null]),
    ...texts.slice(7).map((column): [string, string] => [column, '']),
    // In PostgreSQL within the month that there is a part of the table for.
    ['created_at', onPostgres ? Date.UTC(2026, 5, 14) : 1],
    ...(onPostgres ? [] : otherTypes),
    ['nonce', Buffer.alloc(16)],
    ['nonce', Buffer.alloc(0)],
    ['nonce', 'text'],
  ]
  test.each(changes)('%s = %j', async (column, value) => {
    let id = ''
    const findings = await found((database) => {
      id = idAt(database, 600)
      database.prepare(`UPDATE audit_logs SET ${column} = ? WHERE seq = 600`).run(value)
    })
    expect(findings).toEqual([{ kind: 'altered', entries: [600, 600], id }])
  })

  test('the id', async () => {
    const findings = await found((database) => database.exec("UPDATE audit_logs SET id = 'x' WHERE seq = 600"))
    expect(findings).toEqual([{ kind: 'altered', entries: [600, 600], id: 'x' }])
  })

  test('created_at, by less than a millisecond and by letters after it too', async () => {
    for (const value of onPostgres ? ['created_at + 1'] : ["created_at || 'abc'", 'created_at + 0.5']) {
      const findings = await found((database) =>
        database.exec(`UPDATE audit_logs SET created_at = ${value} WHERE seq = 600`),
      )
      expect(findings).toMatchObject([{ kind: 'altered', entries: [600, 600] }])
    }
  })

  test.each<[string, string | number | Buffer]>([
    ['other bytes', randomBytes(32)],
    ['none', Buffer.alloc(0)],
    ['a text', 'text'],
    ...(onPostgres ? [] : [['a number', 5] as [string, number]]),
  ])('leaf_hash as %s, said to be it alone', async (_what, value) => {
    const findings = await found((database) =>
      database.prepare('UPDATE audit_logs SET leaf_hash = ? WHERE seq = 600').run(value),
    )
    expect(findings).toMatchObject([{ kind: 'altered', entries: [600, 600], about: 'its leaf_hash' }])
  })

  test.each([
    [600, 700],
    [600, 5000],
    [600, -1],
    [600, onPostgres ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER],
  ])('seq: entry %i as %i', async (from, to) => {
    let id = ''
    const findings = await found((database) => {
      id = idAt(database, from)
      database.exec(`UPDATE audit_logs SET seq = ${to} WHERE seq = ${from}`)
    })
    expect(findings).toEqual([{ kind: 'reordered', entries: [to, to], id, about: 'it was entry 600' }])
  })

  const beyond = onPostgres ? [] : ['9223372036854775807', '-9223372036854775808', '-9007199254740993']
  test.each(beyond)('seq: a number beyond what any entry has, %s', async (to) => {
    const findings = await found((database) => database.exec(`UPDATE audit_logs SET seq = ${to} WHERE seq = 600`))
    expect(findings).toContainEqual({ kind: 'missing', entries: [600, 600] })
    expect(findings).toContainEqual({ kind: 'inserted', about: expect.stringContaining('1 ') })
    expect(findings).toHaveLength(2)
  })

  test('an entry that established something, which is no longer taken for it', async () => {
    let id = ''
    const findings = await found((database) => {
      id = idAt(database, 4)
      database.exec("UPDATE audit_logs SET metadata = replace(metadata, 'USER', 'OWNER') WHERE seq = 4")
      database.exec(
        "UPDATE users SET role = 'OWNER' WHERE id = (SELECT user_id FROM accounts WHERE account = '+15550000401')",
      )
    })
    expect(findings).toEqual([
      { kind: 'altered', entries: [4, 4], id },
      { kind: 'unlogged change', about: 'role of +15550000401: OWNER, by the entries none' },
      {
        kind: 'unlogged change',
        about: expect.stringMatching(
          /^person of the account of \+15550000401: user [0-9a-f-]{36}, given, by the entries none$/,
        ),
      },
    ])
  })
})

describe('entries that are gone are missing:', () => {
  test.each<[string, string, readonly (readonly [number, number])[]]>([
    ['one in the middle', 'seq = 300', [[300, 300]]],
    ['the first', 'seq = 100', [[100, 100]]],
    [
      'several',
      'seq IN (300, 301, 400)',
      [
        [300, 301],
        [400, 400],
      ],
    ],
    ['across tiles', 'seq BETWEEN 200 AND 340', [[200, 340]]],
  ])('%s', async (_what, where, runs) => {
    const findings = await found((database) => database.exec(`DELETE FROM audit_logs WHERE ${where}`))
    expect(findings).toEqual(runs.map((entries) => ({ kind: 'missing', entries })))
  })

  test('those at the end are truncated', async () => {
    const findings = await found((database) => database.exec('DELETE FROM audit_logs WHERE seq >= 690 OR seq = 20'))
    expect(findings).toEqual([
      { kind: 'missing', entries: [20, 20] },
      { kind: 'truncated', entries: [690, 699] },
    ])
  })

  test('all of them', async () => {
    const findings = await found((database) => database.exec('DELETE FROM audit_logs'))
    expect(findings.filter(({ kind }) => kind !== 'unlogged change')).toMatchObject([
      { kind: 'truncated', entries: [0, 699] },
    ])
  })

  test('the entry that gave a role, together with the user', async () => {
    const findings = await found((database) => {
      database.exec(
        "DELETE FROM audit_logs WHERE seq = 4; DELETE FROM users WHERE id = (SELECT user_id FROM accounts WHERE account = '+15550000401')",
      )
      database.exec("DELETE FROM accounts WHERE account = '+15550000401'")
    })
    expect(findings).toEqual([{ kind: 'missing', entries: [4, 4] }])
  })

  test('what an entry that somebody made up says about it does not help', async () => {
    const metadata = '{"cutoff":"2026-06-15T12:00:00.000Z","deletedCount":1,"ranges":[[300,300]],"retentionDays":90}'
    const findings = await found((database) => {
      copyRow(database, 699, 700)
      database
        .prepare("UPDATE audit_logs SET action = 'AUDIT_RETENTION', metadata = ? WHERE seq IN (500, 700)")
        .run(metadata)
      database.exec('DELETE FROM audit_logs WHERE seq = 300')
    })
    expect(findings).toMatchObject([
      { kind: 'missing', entries: [300, 300] },
      { kind: 'altered', entries: [500, 500] },
      { kind: 'inserted', entries: [700, 700], id: 'forged' },
    ])
  })
})

describe('entries that were put in are found:', () => {
  test('at the end', async () => {
    const findings = await found((database) => copyRow(database, 500, 700))
    expect(findings).toEqual([{ kind: 'inserted', entries: [700, 700], id: 'forged' }])
  })

  test('before the first, and far behind the last', async () => {
    const findings = await found((database) => {
      copyRow(database, 500, -7)
      copyRow(database, 500, 10_000, 'far')
    })
    expect(findings).toEqual([
      { kind: 'inserted', entries: [-7, -7], id: 'forged' },
      { kind: 'inserted', entries: [10_000, 10_000], id: 'far' },
    ])
  })

  test('the same entry once more', async () => {
    const findings = await found((database) => {
      database.exec('DROP INDEX IF EXISTS audit_logs_id_key')
      copyRow(database, 600, 700, idAt(database, 600))
    })
    expect(findings.filter(({ kind }) => kind !== 'altered schema')).toMatchObject([
      { kind: 'inserted', entries: [700, 700] },
    ])
  })

  // Beyond what seq holds in PostgreSQL.
  test.each(onPostgres ? [] : [2100n])('so many that no number is exact: %i', async (count) => {
    const findings = await found((database) => {
      const insert = database.prepare(`INSERT INTO audit_logs SELECT ?, 'f' || ?, created_at, source, category, action,
        description, user_id, account, actor_name, user_role, resource_type, resource_id, subject_id, channel_id, request_id,
        ip_address, user_agent, metadata, nonce, leaf_hash FROM audit_logs WHERE seq = 600`)
      database.transaction(() => {
        for (let n = 0n; n < count; n++) insert.run(2n ** 62n + 600n + n, n)
      })()
    })
    expect(findings).toEqual([{ kind: 'inserted', about: expect.stringContaining('2100 ') }])
  })

  test('in a gap, in place of what was there', async () => {
    const findings = await found((database) => {
      database.exec('DELETE FROM audit_logs WHERE seq = 300')
      copyRow(database, 301, 300)
    })
    expect(findings).toEqual([{ kind: 'altered', entries: [300, 300], id: 'forged' }])
  })

  test('in the middle, with all that follow renumbered', async () => {
    let ids: string[] = []
    const findings = await found((database) => {
      ids = [690, 691, 699].map((seq) => idAt(database, seq))
      move(database, 690, 1)
      copyRow(database, 600, 690)
    })
    expect(findings).toHaveLength(11)
    expect(findings[0]).toEqual({ kind: 'inserted', entries: [690, 690], id: 'forged' })
    expect(findings.slice(1).every(({ kind }) => kind === 'reordered')).toBe(true)
    expect(findings[1]).toEqual({ kind: 'reordered', entries: [691, 691], id: ids[0], about: 'it was entry 690' })
    expect(findings.at(-1)).toEqual({ kind: 'reordered', entries: [700, 700], id: ids[2], about: 'it was entry 699' })
  })
})

describe('entries elsewhere than they were are reordered:', () => {
  test('two that changed places', async () => {
    let ids: string[] = []
    const findings = await found((database) => {
      ids = [300, 600].map((seq) => idAt(database, seq))
      database.exec(`UPDATE audit_logs SET seq = -1 WHERE seq = 300; UPDATE audit_logs SET seq = 300 WHERE seq = 600;
        UPDATE audit_logs SET seq = 600 WHERE seq = -1`)
    })
    expect(findings).toEqual([
      { kind: 'reordered', entries: [300, 300], id: ids[1], about: 'it was entry 600' },
      { kind: 'reordered', entries: [600, 600], id: ids[0], about: 'it was entry 300' },
    ])
  })

  test('a gap closed by what follows', async () => {
    const findings = await found((database) => {
      database.exec('DELETE FROM audit_logs WHERE seq = 690')
      move(database, 691, -1)
    })
    expect(findings.filter(({ kind }) => kind === 'reordered')).toHaveLength(9)
    expect(findings.filter(({ kind }) => kind !== 'reordered')).toEqual([{ kind: 'missing', entries: [690, 690] }])
  })
})
