import { dirname } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditEvent } from '../../../src/audit/entry/entry.ts'
import { EVENT_TYPES } from '../../../src/audit/entry/event-types.ts'
import { type Checkpoint, unverifiedCheckpoint } from '../../../src/audit/tree/checkpoint.ts'
import { EMPTY_ROOT } from '../../../src/audit/tree/hash.ts'
import { StoredTrail } from '../../../src/audit/verify/stored-trail.repository.ts'
import { AuditWriter } from '../../../src/audit/write/audit-writer.ts'
import { DAY, systemClock } from '../../../src/kernel/clock.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { withSnapshot } from '../../../src/storage/snapshot.ts'
import { FakeClock, openTestWarden, type TestWarden, temporaryFolder } from '../../support/chatwarden.ts'
import { copyFolder, testDatabase, urlOf } from '../../support/database.ts'
import { headAt } from '../../support/head.ts'
import { keyIn, tamper, verifyFile } from '../../support/tamper.ts'
import { keyOf, numbered } from '../../support/writer.ts'

const SYSTEM = { account: 'SYSTEM', role: 'SYSTEM' } as const

const headOf = (path: string) => headAt(urlOf(path))

/** One way in which a trail went on. */
interface Way {
  readonly path: string
  /** Every checkpoint that it ever signed, by how many of its branchings it has. */
  readonly signed: { readonly note: string; readonly branchings: readonly string[] }[]
  /** What tells one branching from all others. */
  readonly branchings: readonly string[]
}

async function begun(): Promise<Way> {
  const warden: TestWarden = await openTestWarden()
  await warden.close()
  return { path: warden.path, signed: [{ note: await headOf(warden.path), branchings: [] }], branchings: [] }
}

/** A copy beside it: what it signs differs from now on. `marked`: it says so, as what `restore` and `move` make does. */
async function copied({ path, signed, branchings }: Way, by: 'AUDIT_BACKUP_RESTORED' | 'AUDIT_MOVED' | undefined) {
  const folder = temporaryFolder()
  copyFolder(dirname(path), folder)
  const copy = { path: testDatabase(folder).path, signed: [...signed], branchings: [...branchings] }
  if (by !== undefined) {
    const { size, root = EMPTY_ROOT } = unverifiedCheckpoint(await headOf(path)) as Checkpoint
    const at = { size, root: root.toString('base64') }
    const event =
      by === 'AUDIT_MOVED'
        ? auditEvent(by, SYSTEM, { source: 'cli' }, { ...at, to: 'x' })
        : auditEvent(by, SYSTEM, { source: 'cli' }, { ...at, file: 'x', sha256: '0'.repeat(64) })
    copy.branchings.push(`${size} ${copy.path}`)
    await append(copy, event)
  }
  return copy
}

/** Also by a process of its own each time, and key by key: the line outlives both. */
async function append({ path, signed, branchings }: Way, event = numbered(signed.length)): Promise<void> {
  const database = await openDatabase(urlOf(path))
  const writer = new AuditWriter(database, EVENT_TYPES, systemClock, keyOf(path))
  await writer.append(event)
  await writer.append(numbered(0))
  await writer.flush()
  await database.close()
  signed.push({ note: await headOf(path), branchings: [...branchings] })
}

const comparison = async ({ path }: Way, checkpoint: string) => {
  const how = { keys: [keyIn(dirname(path))], now: Date.now(), checkpoint }
  const { findings, extends: size } = await verifyFile(path, how)
  return { size, findings }
}

test('of any two branches, a checkpoint of the one that the other does not extend is told to be of a branch', async () => {
  const step = fc.tuple(fc.nat(), fc.constantFrom('grow', 'AUDIT_BACKUP_RESTORED', 'AUDIT_MOVED'))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
      const ways = [await begun()]
      for (const [which, how] of steps) {
        const way = ways[which % ways.length] as Way
        if (how === 'grow') await append(way)
        else ways.push(await copied(way, how as 'AUDIT_MOVED'))
      }
      for (const way of ways)
        for (const other of ways)
          for (const { note, branchings } of other.signed) {
            const { size: kept = 0 } = unverifiedCheckpoint(note) ?? {}
            const { size = 0 } = unverifiedCheckpoint(await headOf(way.path)) ?? {}
            const own = way.branchings.filter((each) => Number.parseInt(each, 10) < kept)
            // What it signed itself it extends; so it does what was signed before it left the other.
            const isOwn = way.signed.some((each) => each.note === note)
            const result = await comparison(way, note)
            if (isOwn) expect(result).toEqual({ size: kept, findings: [] })
            else if (result.size !== undefined) throw new Error('It does not extend what another branch has signed.')
            else {
              const at = [...own, undefined].findIndex((each, place) => each !== branchings[place])
              const places = [own[at], branchings[at]].map((each) => Number.parseInt(each ?? 'Infinity', 10))
              const place = Math.min(...places.map((each) => (Number.isNaN(each) ? Number.POSITIVE_INFINITY : each)))
              const about =
                place < size ? expect.stringMatching(`entry ${place}\\b`) : expect.stringContaining(` ${kept} `)
              expect(result.findings).toEqual([{ kind: place < size ? 'forked' : 'rolled back', about }])
            }
          }
    }),
    { numRuns: 4 },
  )
}, 180_000)

test('the finding names where they part, from either side', async () => {
  const trail = await begun()
  const { size = 0 } = unverifiedCheckpoint(await headOf(trail.path)) ?? {}
  const restored = await copied(trail, 'AUDIT_BACKUP_RESTORED')
  const again = await copied(restored, 'AUDIT_MOVED')
  await append(trail)
  const forked = (about: string) => [{ kind: 'forked', about: expect.stringMatching(about) }]
  const by = (seq: number, action: string) => `which this trail left with entry ${seq} \\(${action} of 20[^)]*Z\\)$`
  const head = ({ path }: Way) => headOf(path)
  expect(await comparison(restored, await head(trail))).toMatchObject({
    findings: forked(by(size, 'AUDIT_BACKUP_RESTORED')),
  })
  expect(await comparison(trail, await head(restored))).toMatchObject({
    findings: forked(`which left this trail with its entry ${size}$`),
  })
  // What both have of the first one is no difference.
  await append(restored)
  expect(await comparison(again, await head(restored))).toMatchObject({ findings: forked(by(size + 2, 'AUDIT_MOVED')) })
  expect(await comparison(restored, await head(again))).toMatchObject({
    findings: forked(`which left this trail with its entry ${size + 2}$`),
  })
  // Nor does a later one hide where they parted first.
  for (let n = 0; n < 4; n++) await append(trail)
  expect(await comparison(trail, await head(again))).toMatchObject({
    findings: forked(`which left this trail with its entry ${size}$`),
  })
})

test('two restorations of one backup are two branches, though they begin with the same number', async () => {
  const trail = await begun()
  const { size = 0 } = unverifiedCheckpoint(await headOf(trail.path)) ?? {}
  const [one, other] = [await copied(trail, 'AUDIT_BACKUP_RESTORED'), await copied(trail, 'AUDIT_BACKUP_RESTORED')]
  for (const [way, kept] of [
    [one, other],
    [other, one],
  ] as const) {
    const { findings } = await comparison(way, await headOf(kept.path))
    expect(findings).toEqual([{ kind: 'forked', about: expect.stringContaining(`with entry ${size} `) }])
  }
})

test('a copy that says nothing is told from its trail, and what was signed since is no excuse for a change', async () => {
  const trail = await begun()
  const silent = await copied(trail, undefined)
  await append(silent)
  await append(trail)
  for (const [way, other] of [
    [trail, silent],
    [silent, trail],
  ] as const)
    expect(await comparison(way, await headOf(other.path))).toMatchObject({ findings: [{ kind: 'rolled back' }] })
  // Nor does it matter that one of them left a third one later.
  const later = await copied(silent, 'AUDIT_BACKUP_RESTORED')
  const { findings } = await comparison(later, await headOf(trail.path))
  expect(findings).toMatchObject([{ kind: 'rolled back' }])
  // After a restoration too: the checkpoint has its line, so it can't be of the other branch.
  const restored = await copied(trail, 'AUDIT_BACKUP_RESTORED')
  const twin = await copied(restored, undefined)
  await append(restored)
  await append(twin)
  expect(await comparison(restored, await headOf(twin.path))).toMatchObject({ findings: [{ kind: 'rolled back' }] })
})

test('a head without the line that its entries call for, or with another, is found', async () => {
  const restored = await copied(await begun(), 'AUDIT_BACKUP_RESTORED')
  const key = keyOf(restored.path).current()
  const text = (await headOf(restored.path)).split('\n\n')[0] ?? ''
  expect(text.split('\n')).toHaveLength(4)
  for (const lines of [
    text.split('\n').slice(0, 3),
    [...text.split('\n').slice(0, 3), `branch 0 ${EMPTY_ROOT.toString('base64')}`],
  ]) {
    const folder = temporaryFolder()
    copyFolder(dirname(restored.path), folder)
    const { path } = testDatabase(folder)
    tamper(path, (database) =>
      database.prepare('UPDATE audit_head SET checkpoint = ?').run(key.sign(`${lines.join('\n')}\n`)),
    )
    const { findings } = await verifyFile(path, { keys: [key.verifier], now: Date.now() })
    expect(findings).toEqual([{ kind: 'altered', about: expect.stringContaining('branch') }])
  }
})

test('retention leaves the entry with which a trail left another', async () => {
  const trail = await begun()
  await append(trail)
  const restored = await copied(trail, 'AUDIT_BACKUP_RESTORED')
  await append(trail)
  const clock = new FakeClock(Date.now())
  const warden = await openTestWarden({ clock }, dirname(restored.path))
  clock.advance(200 * DAY)
  expect(await warden.cleanupExpiredAuditLogs(90)).toBeGreaterThan(0)
  expect(await warden.AuditLogRepository.findByAction('AUDIT_BACKUP_RESTORED')).toHaveLength(1)
  await warden.close()
  expect(await comparison(restored, await headOf(trail.path))).toMatchObject({
    findings: [{ kind: 'forked', about: expect.stringContaining('(AUDIT_BACKUP_RESTORED of ') }],
  })
})

test('what was changed is no fork, though it is made to look like one', async () => {
  const trail = await begun()
  await append(trail)
  const { path } = trail
  tamper(path, (database) => database.exec("UPDATE audit_logs SET action = 'AUDIT_BACKUP_RESTORED' WHERE seq = 2"))
  const { leaf, hashes } = await withSnapshot(urlOf(path), async (snapshot) => {
    const stored = new StoredTrail(snapshot)
    const [entry] = await stored.entries(1, 1)
    return { leaf: entry?.leaf ?? EMPTY_ROOT, hashes: await stored.tile({ level: 0, index: 0 }) }
  })
  leaf.copy(hashes, 2 * leaf.length)
  tamper(path, (database) => {
    database.prepare('UPDATE audit_logs SET leaf_hash = ? WHERE seq = 2').run(leaf)
    database.prepare('UPDATE audit_tiles SET hashes = ? WHERE level = 0 AND idx = 0').run(hashes)
  })
  const { findings: changed } = await comparison(trail, await headOf(path))
  expect(changed.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['altered', 'rolled back']))
  expect(changed.map(({ kind }) => kind)).not.toContain('forked')
  // Nor is one that its key has not signed to be told from another.
  const restored = await copied(await begun(), 'AUDIT_BACKUP_RESTORED')
  const other = await copied(restored, 'AUDIT_BACKUP_RESTORED')
  await append(restored)
  const kept = await headOf(other.path)
  expect((await comparison(restored, kept)).findings.map(({ kind }) => kind)).toEqual(['forked'])
  tamper(restored.path, (database) => database.exec("UPDATE audit_head SET checkpoint = ''"))
  const { findings } = await comparison(restored, kept)
  const kinds = findings.map(({ kind }) => kind)
  expect(kinds).toEqual(expect.arrayContaining(['bad signature', 'rolled back']))
  expect(kinds).not.toContain('forked')
})
