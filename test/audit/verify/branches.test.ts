import { dirname } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditEvent } from '../../../src/audit/entry/entry.ts'
import { EVENT_TYPES } from '../../../src/audit/entry/event-types.ts'
import { type Checkpoint, claimIn } from '../../../src/audit/tree/checkpoint.ts'
import { EMPTY_ROOT } from '../../../src/audit/tree/hash.ts'
import { AuditWriter } from '../../../src/audit/write/audit-writer.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { openTestWarden, type TestWarden, temporaryFolder } from '../../support/chatwarden.ts'
import { copyFolder, openAsOwner, testDatabase, urlOf } from '../../support/database.ts'
import { keyIn, tamper, verifyFile } from '../../support/tamper.ts'
import { keyOf, numbered } from '../../support/writer.ts'

const SYSTEM = { account: 'SYSTEM', role: 'SYSTEM' } as const

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
  return { path: warden.path, signed: [{ note: headOf(warden.path), branchings: [] }], branchings: [] }
}

function headOf(path: string): string {
  const database = openAsOwner(path)
  try {
    return database.prepare('SELECT checkpoint FROM audit_head').pluck().get() as string
  } finally {
    database.close()
  }
}

/** A copy beside it: what it signs differs from now on. `marked`: it says so, as what `restore` and `move` make does. */
async function copied({ path, signed, branchings }: Way, by: 'AUDIT_BACKUP_RESTORED' | 'AUDIT_MOVED' | undefined) {
  const folder = temporaryFolder()
  copyFolder(dirname(path), folder)
  const copy = { path: testDatabase(folder).path, signed: [...signed], branchings: [...branchings] }
  if (by !== undefined) {
    const { size, root = EMPTY_ROOT } = claimIn(headOf(path)) as Checkpoint
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
  signed.push({ note: headOf(path), branchings: [...branchings] })
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
            const { size: kept = 0 } = claimIn(note) ?? {}
            const { size = 0 } = claimIn(headOf(way.path)) ?? {}
            const own = way.branchings.filter((each) => Number.parseInt(each, 10) < kept)
            // What it signed itself it extends; so it does what was signed before it left the other.
            const isOwn = way.signed.some((each) => each.note === note)
            const result = await comparison(way, note)
            if (isOwn) expect(result).toEqual({ size: kept, findings: [] })
            else if (result.size !== undefined) throw new Error('It does not extend what another branch has signed.')
            else {
              const last = branchings.at(-1)
              const cannotTell = last === own.at(-1) || (last !== undefined && Number.parseInt(last, 10) >= size)
              expect(result.findings).toEqual([
                { kind: cannotTell ? 'rolled back' : 'forked', about: expect.stringContaining(` of ${kept} entries`) },
              ])
            }
          }
    }),
    { numRuns: 6 },
  )
}, 60_000)

test('the finding names where they part, from either side', async () => {
  const trail = await begun()
  const { size = 0 } = claimIn(headOf(trail.path)) ?? {}
  const restored = await copied(trail, 'AUDIT_BACKUP_RESTORED')
  const again = await copied(restored, 'AUDIT_MOVED')
  await append(trail)
  const forked = (about: string) => [{ kind: 'forked', about: expect.stringMatching(about) }]
  const by = (seq: number, action: string) => `: this trail left it with entry ${seq} \\(${action} of 20[^)]*Z\\)$`
  const head = ({ path }: Way) => headOf(path)
  expect(await comparison(restored, head(trail))).toMatchObject({ findings: forked(by(size, 'AUDIT_BACKUP_RESTORED')) })
  expect(await comparison(trail, head(restored))).toMatchObject({
    findings: forked(`: it left this trail with an entry ${size} of its own$`),
  })
  // What both have of the first one is no difference.
  await append(restored)
  expect(await comparison(again, head(restored))).toMatchObject({ findings: forked(by(size + 2, 'AUDIT_MOVED')) })
  expect(await comparison(restored, head(again))).toMatchObject({
    findings: forked(`an entry ${size + 2} of its own, if not before$`),
  })
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
    expect(await comparison(way, headOf(other.path))).toMatchObject({ findings: [{ kind: 'rolled back' }] })
  // After a restoration too: the checkpoint has its line, so it can't be of the other branch.
  const restored = await copied(trail, 'AUDIT_BACKUP_RESTORED')
  const twin = await copied(restored, undefined)
  await append(restored)
  await append(twin)
  expect(await comparison(restored, headOf(twin.path))).toMatchObject({ findings: [{ kind: 'rolled back' }] })
})

test('a head without the line that its entries call for, or with another, is found', async () => {
  const restored = await copied(await begun(), 'AUDIT_BACKUP_RESTORED')
  const key = keyOf(restored.path).current()
  const text = headOf(restored.path).split('\n\n')[0] ?? ''
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
