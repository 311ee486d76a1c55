import { describe, expect, test } from 'vitest'
import { formatCheckpoint } from '../../../src/audit/tree/checkpoint.ts'
import { hashLeaf } from '../../../src/audit/tree/hash.ts'
import { Signer } from '../../../src/audit/tree/note.ts'
import type { RawDatabase } from '../../support/database.ts'
import { onPostgres } from '../../support/database.ts'
import { shareRichTrail } from '../../support/rich-trail.ts'
import { copyOf, findingsIn, tamper, verifyFile } from '../../support/tamper.ts'

const shared = shareRichTrail()
const found = (act: (database: RawDatabase) => void) => findingsIn(copyOf(shared.trail.path, act), shared.trail.how)
const tileOf = (database: RawDatabase, level: number, index: number) =>
  database.prepare('SELECT hashes FROM audit_tiles WHERE level = ? AND idx = ?').pluck().get(level, index) as Buffer
const setTile = (database: RawDatabase, level: number, index: number, hashes: unknown) =>
  database.prepare('UPDATE audit_tiles SET hashes = ? WHERE level = ? AND idx = ?').run(hashes, level, index)
const setHead = (database: RawDatabase, checkpoint: unknown, size = shared.trail.size) =>
  database
    .prepare(`UPDATE audit_head SET checkpoint = ?, size = ?,
      last_created_at = (SELECT created_at FROM audit_logs WHERE seq = ? - 1)`)
    .run(checkpoint, size, size)
const truncateTiles = (database: RawDatabase, size: number) => {
  database.prepare('DELETE FROM audit_tiles WHERE level = 0 AND idx > ?').run(Math.floor(size / 256))
  const edge = Math.floor(size / 256)
  setTile(database, 0, edge, tileOf(database, 0, edge).subarray(0, (size % 256) * 32))
  setTile(database, 1, 0, tileOf(database, 1, 0).subarray(0, edge * 32))
}

describe('a tile of the tree', () => {
  const flipped = (hashes: Buffer, at: number) => {
    const copy = Buffer.from(hashes)
    copy[at * 32] = (copy[at * 32] ?? 0) ^ 1
    return copy
  }
  const rangeOf = (index: number) => (index === 2 ? [512, 699] : [index * 256, index * 256 + 255])
  const tile = (level: number, index: number, entries = rangeOf(index)) => ({
    kind: 'altered',
    entries,
    about: `tile ${level}/${index} of the tree`,
  })

  test.each([[0], [1], [2]])(
    'with a changed leaf: that tile, and the entry that no longer fits (0/%i)',
    async (index) => {
      const seq = index * 256 + 150
      const findings = await found((database) => setTile(database, 0, index, flipped(tileOf(database, 0, index), 150)))
      expect(findings).toEqual([tile(0, index), { kind: 'altered', entries: [seq, seq], id: expect.any(String) }])
    },
  )

  test('of the level above with a changed hash: that tile and nothing else', async () => {
    for (const at of [0, 1]) {
      const findings = await found((database) => setTile(database, 1, 0, flipped(tileOf(database, 1, 0), at)))
      expect(findings).toEqual([tile(1, 0, [0, 511])])
    }
  })

  test.each<[string, (database: RawDatabase) => void, ReturnType<typeof tile>]>([
    ['a full one, deleted', (db) => db.exec('DELETE FROM audit_tiles WHERE level = 0 AND idx = 1'), tile(0, 1)],
    ['a full one, shortened', (db) => setTile(db, 0, 1, tileOf(db, 0, 1).subarray(0, 320)), tile(0, 1)],
    ['a full one, lengthened', (db) => setTile(db, 0, 1, Buffer.concat([tileOf(db, 0, 1), hashLeaf('x')])), tile(0, 1)],
    ['the last one, deleted', (db) => db.exec('DELETE FROM audit_tiles WHERE level = 0 AND idx = 2'), tile(0, 2)],
    ['the last one, shortened', (db) => setTile(db, 0, 2, tileOf(db, 0, 2).subarray(0, 320)), tile(0, 2)],
    [
      'the last one, by some bytes longer',
      (db) => setTile(db, 0, 2, Buffer.concat([tileOf(db, 0, 2), Buffer.of(1)])),
      tile(0, 2),
    ],
    ['the one above, deleted', (db) => db.exec('DELETE FROM audit_tiles WHERE level = 1'), tile(1, 0, [0, 511])],
    ['the one above, shortened', (db) => setTile(db, 1, 0, tileOf(db, 1, 0).subarray(0, 32)), tile(1, 0, [0, 511])],
    [
      'the one above, lengthened',
      (db) => setTile(db, 1, 0, Buffer.concat([tileOf(db, 1, 0), hashLeaf('x')])),
      tile(1, 0, [0, 511]),
    ],
    ['a text', (db) => setTile(db, 0, 1, 'text'), tile(0, 1)],
  ])('%s: that tile and nothing else', async (_what, act, expected) => {
    expect(await found(act)).toEqual([expected])
  })

  test.each([
    [0, 3],
    [0, 1_000_000_000],
    [1, 1],
    [7, 0],
    [-1, 0],
  ])('that no tree of this size has, %i/%i', async (level, index) => {
    const findings = await found((database) =>
      database.prepare('INSERT INTO audit_tiles VALUES (?, ?, ?)').run(level, index, hashLeaf('x')),
    )
    expect(findings).toEqual([{ kind: 'inserted', about: `tile ${level}/${index} of the tree` }])
  })

  test('and the entry in it changed alike, with the hashes above too', async () => {
    const findings = await found((database) => {
      database.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 600")
      const leaf = database.prepare('SELECT leaf_hash FROM audit_logs WHERE seq = 601').pluck().get() as Buffer
      database.prepare('UPDATE audit_logs SET leaf_hash = ? WHERE seq = 600').run(leaf)
      database.exec(`UPDATE audit_logs SET (id, created_at, source, category, action, description, user_id, account, actor_name,
        user_role, metadata, nonce) = (SELECT id || 'x', created_at, source, category, action, description, user_id,
        account, actor_name, user_role, metadata, nonce FROM audit_logs WHERE seq = 601) WHERE seq = 600`)
    })
    expect(findings).toMatchObject([{ kind: 'altered', entries: [600, 600] }])
  })

  test('with the entry of a leaf made to fit: the tile cannot be made to fit the signed head', async () => {
    for (const seq of [100, 600]) {
      const findings = await found((database) => {
        const hashes = Buffer.from(tileOf(database, 0, Math.floor(seq / 256)))
        const next = database
          .prepare('SELECT leaf_hash FROM audit_logs WHERE seq = ?')
          .pluck()
          .get(seq + 1) as Buffer
        const row = seq + 1
        // The next entry takes its place, row and leaf.
        next.copy(hashes, (seq % 256) * 32)
        setTile(database, 0, Math.floor(seq / 256), hashes)
        database.exec(
          `DELETE FROM audit_logs WHERE seq = ${seq}; UPDATE audit_logs SET seq = ${seq} WHERE seq = ${row}`,
        )
      })
      expect(findings).toContainEqual({ ...tile(0, Math.floor(seq / 256)) })
      expect(findings).toContainEqual({ kind: 'missing', entries: [seq + 1, seq + 1] })
      expect(findings).toHaveLength(2)
    }
  })
})

describe('the end cut off', () => {
  test('entries and leaves, with the head left: truncated', async () => {
    const findings = await found((database) => {
      database.exec('DELETE FROM audit_logs WHERE seq >= 600')
      truncateTiles(database, 600)
    })
    expect(findings).toEqual([
      { kind: 'altered', entries: [512, 699], about: 'tile 0/2 of the tree' },
      { kind: 'truncated', entries: [600, 699] },
    ])
  })

  test('of the entries alone, with an old head put back: rolled back', async () => {
    const { size, checkpoint } = shared.trail.early
    const findings = await found((database) => {
      database.exec(`DELETE FROM audit_logs WHERE seq >= ${size}`)
      setHead(database, checkpoint, size)
    })
    expect(findings.slice(0, 1)).toEqual([
      { kind: 'rolled back', entries: [size, 699], about: 'an older head is in its place' },
    ])
    expect(findings).toContainEqual({ kind: 'truncated', entries: [size, 699] })
  })

  test('of everything, with an old head put back: what was established since, and a kept checkpoint, tell', async () => {
    const { size, checkpoint } = shared.trail.early
    const copy = copyOf(shared.trail.path, (database) => {
      database.exec(`DELETE FROM audit_logs WHERE seq >= ${size}`)
      truncateTiles(database, size)
      setHead(database, checkpoint, size)
    })
    const findings = await findingsIn(copy, shared.trail.how)
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['unlogged change']))
    const kept = await findingsIn(copy, { ...shared.trail.how, checkpoint: shared.trail.checkpoint })
    expect(kept).toContainEqual({ kind: 'rolled back', about: expect.stringContaining('700') })
  })
})

describe('the head', () => {
  const bad = (about: string) => ({ kind: 'bad signature', about: expect.stringContaining(about) })

  test.each<[string, unknown]>([
    ['garbage', 'garbage'],
    ['emptied', ''],
    ['bytes', Buffer.from('\n\nA')],
    ['a note that is no checkpoint', 'a text\n\n— name AAAAAAAA\n'],
  ])('that is %s is a bad signature, and nothing else', async (_what, checkpoint) => {
    expect(await found((database) => setHead(database, checkpoint))).toEqual([bad('head of the trail')])
  })

  test('that is missing is one too', async () => {
    expect(await found((database) => database.exec('DELETE FROM audit_head'))).toEqual([bad('not signed')])
  })

  test('that another key signed, of the same name or another', async () => {
    const [origin = '', size, root] = shared.trail.checkpoint.split('\n')
    for (const name of [origin, 'elsewhere.example/trail']) {
      const text = formatCheckpoint({ origin: name, size: Number(size), root: Buffer.from(root ?? '', 'base64') })
      const note = Signer.generate(name).sign(text)
      expect(await found((database) => setHead(database, note))).toEqual([bad('none of the trusted keys')])
      // Whoever adds a signature of theirs to ours may not go on either.
      const both = shared.trail.checkpoint + note.slice(text.length + 1)
      expect(await found((database) => setHead(database, both))).toEqual([bad('last key that signed')])
    }
  })

  test('whose text was changed', async () => {
    const note = shared.trail.checkpoint.replace('\n700\n', '\n699\n')
    expect(await found((database) => setHead(database, note))).toContainEqual(bad('is wrong'))
  })

  test('that is an older one', async () => {
    const findings = await found((database) =>
      setHead(database, shared.trail.early.checkpoint, shared.trail.early.size),
    )
    expect(findings).toEqual([{ kind: 'rolled back', entries: [350, 699], about: 'an older head is in its place' }])
  })

  // PostgreSQL holds neither.
  const unholdable: [string, string | number][] = [
    ['size', 'many'],
    ['last_created_at', 9e15],
  ]
  test.each<[string, string | number]>([['size', 699], ...(onPostgres ? [] : unholdable), ['last_created_at', 0]])(
    'with another %s beside it, %j',
    async (column, value) => {
      const findings = await found((database) => database.prepare(`UPDATE audit_head SET ${column} = ?`).run(value))
      expect(findings).toEqual([{ kind: 'altered', about: expect.stringContaining('in the head') }])
    },
  )
})

describe('compared with a kept checkpoint', () => {
  const against = async (path: string, checkpoint: string | undefined) => {
    const { findings, extends: size } = await verifyFile(path, { ...shared.trail.how, checkpoint })
    return { findings, size }
  }

  test('a trail extends its own, whether of now or of long ago', async () => {
    for (const { checkpoint, size } of [shared.trail, shared.trail.early])
      expect(await against(shared.trail.path, checkpoint)).toEqual({ findings: [], size })
  })

  test('without one, an old file put back looks right, and is not said to extend anything', async () => {
    expect(await against(copyOf(shared.trail.early.path), undefined)).toEqual({ findings: [], size: undefined })
  })

  const rolledBack = (size: number) => ({
    kind: 'rolled back',
    about: `the trail is not what the kept checkpoint of ${size} entries says`,
  })

  test('an old file put back is rolled back', async () => {
    const findings = [rolledBack(700)]
    expect(await against(copyOf(shared.trail.early.path), shared.trail.checkpoint)).toEqual({
      findings,
      size: undefined,
    })
  })

  test.each<[string, (database: RawDatabase) => void]>([
    [
      'emptied',
      (db) =>
        db.exec("DELETE FROM audit_logs; DELETE FROM audit_tiles; UPDATE audit_head SET size = 0, checkpoint = ''"),
    ],
    [
      'left without a head',
      (db) => db.exec("UPDATE audit_head SET checkpoint = 'garbage'; DELETE FROM audit_logs WHERE seq = 300"),
    ],
  ])('a trail that was %s is not let off with a word', async (_what, act) => {
    const { findings } = await against(copyOf(shared.trail.path, act), shared.trail.checkpoint)
    expect(findings.length).toBeGreaterThan(0)
  })

  test('the emptied one is rolled back', async () => {
    const copy = copyOf(shared.trail.path)
    tamper(copy, (db) => {
      for (const table of [
        'audit_logs',
        'audit_tiles',
        'users',
        'blocks',
        'settings',
        'audit_holds',
        'audit_witnesses',
        'accounts',
        'seeded_accounts',
      ])
        db.exec(`DELETE FROM ${table}`)
      db.exec("UPDATE audit_head SET size = 0, last_created_at = 0, checkpoint = ''")
    })
    expect(await against(copy, undefined)).toEqual({ findings: [], size: undefined })
    expect(await against(copy, shared.trail.checkpoint)).toEqual({ findings: [rolledBack(700)], size: undefined })
  })

  test.each<[string, () => string]>([
    [
      'of another key',
      () =>
        Signer.generate(shared.trail.checkpoint.split('\n')[0] ?? '').sign(
          `${shared.trail.checkpoint.split('\n\n')[0]}\n`,
        ),
    ],
    ['of another trail', () => Signer.generate('elsewhere.example/trail').sign('elsewhere.example/trail\n1\nAAAA\n')],
    ['unsigned', () => `${shared.trail.checkpoint.split('\n\n')[0]}\n`],
    ['changed', () => shared.trail.checkpoint.replace('\n700\n', '\n600\n')],
    ['garbage', () => 'garbage'],
  ])('one that is %s proves nothing', async (_what, checkpoint) => {
    await expect(against(shared.trail.path, checkpoint())).rejects.toMatchObject({ name: 'CheckpointError' })
  })
})
