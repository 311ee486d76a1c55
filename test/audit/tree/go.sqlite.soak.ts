import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { consistencyProof, rootAt } from '../../../src/audit/tree/proofs.ts'
import { parseTlogProof } from '../../../src/audit/tree/tlog-proof.ts'
import { Evidence } from '../../../src/audit/verify/evidence.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { OPERATOR, openTestWarden, type TestWarden, temporaryFolder } from '../../support/chatwarden.ts'
import { ROOT } from '../../support/child.ts'
import { keyOf } from '../../support/writer.ts'

/** Go with the packages that the formats come from, as Debian has them. */
const PACKAGES = ['golang-go', 'golang-golang-x-mod-dev']
const GOPATH = '/usr/share/gocode'

beforeAll(() => {
  if (existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'))) return
  const run = (...args: string[]) => execFileSync('apt-get', args, { stdio: 'ignore', timeout: 300_000 })
  run('update', '-qq')
  run('install', '-y', '-qq', '--no-install-recommends', ...PACKAGES)
}, 600_000)

function checkByGo(given: unknown): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  const folder = temporaryFolder()
  const path = join(folder, 'given.json')
  writeFileSync(path, JSON.stringify(given))
  return spawnSync('go', ['run', join(ROOT, 'test/support/go/check-trail.go'), path], {
    encoding: 'utf8',
    env: { ...process.env, GOPATH, GO111MODULE: 'off', GOFLAGS: '', GOCACHE: join(folder, 'cache') },
    timeout: 300_000,
  })
}

async function trailOf(size: number) {
  const warden = await openTestWarden()
  const missing = size - (await warden.AuditLogRepository.count())
  const performedBy = { phoneNumber: OPERATOR, name: 'Olga “Ø” 😀' }
  for (let n = 0; n < missing; n += 5000)
    await Promise.all(
      Array.from({ length: Math.min(5000, missing - n) }, () =>
        warden.AuditLogger.logConversationReset({ performedBy }),
      ),
    )
  return describe(warden, size)
}

/** What Go is given: all tiles, and proofs of entries and of earlier trees that lie where trees differ. */
async function describe(warden: TestWarden, size: number) {
  const database = await openDatabase(warden.url)
  const key = keyOf(warden.path)
  const tiles = warden.sql<{ level: number; index: number; hashes: Buffer }>(
    'SELECT level, idx AS "index", hashes FROM audit_tiles',
  )
  const parts = { reader: database.reader, key, clock: systemClock, replays: () => [], openSnapshot: never }
  const evidence = new Evidence(parts)
  const read = async ({ level, index }: { level: number; index: number }) =>
    tiles.find((tile) => tile.level === level && tile.index === index)?.hashes ?? Buffer.alloc(0)
  try {
    const edges = [
      0,
      1,
      2,
      3,
      255,
      256,
      257,
      511,
      512,
      65_535,
      65_536,
      65_537,
      Math.floor(size / 2),
      size - 2,
      size - 1,
    ]
    const seqs = [...new Set([...edges, ...Array.from({ length: 40 }, (_, n) => Math.floor((n * size) / 40))])]
    const records = []
    for (const seq of seqs.filter((seq) => seq < size)) {
      const proved = await evidence.proofOf({ seq })
      if (proved === undefined) throw new Error(`Entry ${seq} is not there.`)
      const proof = parseTlogProof(proved.proof).hashes.map(base64)
      records.push({ seq, record: proved.record, proof })
    }
    const consistencies = []
    for (const earlier of seqs.filter((seq) => seq > 0 && seq < size)) {
      const [root, proof] = [await rootAt(earlier, read), await consistencyProof(earlier, size, read)]
      consistencies.push({ size: earlier, root: base64(root), proof: proof.map(base64) })
    }
    const { note: checkpoint } = (await evidence.checkpoint()) ?? { note: '' }
    const encoded = tiles.map(({ hashes, ...place }) => ({ ...place, hashes: base64(hashes) }))
    return { key: `${key.current().verifier}`, checkpoint, tiles: encoded, records, consistencies }
  } finally {
    await database.close()
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const never = () => Promise.reject(new Error('Nothing is verified here.'))

test.each([700, 70_000])(
  "Go's sumdb/note and tlog take checkpoint, tiles and proofs of %i entries, and make the same proofs",
  async (size) => {
    const given = await trailOf(size)
    const { status, stdout, stderr } = checkByGo(given)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const { tiles, records, consistencies } = given
    expect(stdout).toBe(
      `${size} entries, ${tiles.length} tiles, ${records.length} records, ${consistencies.length} consistencies\n`,
    )
    expect(Math.min(records.length, consistencies.length)).toBeGreaterThan(40)
  },
  300_000,
)

test('Go takes none of it with one bit changed in a tile, a record, a proof or the checkpoint', async () => {
  const given = await trailOf(700)
  const flipped = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
  const [tile, record, consistency] = [given.tiles[0], given.records[5], given.consistencies[5]]
  if (tile === undefined || record === undefined || consistency === undefined) throw new Error('There are too few.')
  const change = <T>(list: readonly T[], one: T, by: T): T[] => list.map((each) => (each === one ? by : each))
  for (const changed of [
    { tiles: change(given.tiles, tile, { ...tile, hashes: flipped(tile.hashes) }) },
    { records: change(given.records, record, { ...record, record: record.record.replace('Olga', 'Anna') }) },
    { records: change(given.records, record, { ...record, proof: record.proof.map(flipped) }) },
    { consistencies: change(given.consistencies, consistency, { ...consistency, root: flipped(consistency.root) }) },
    { checkpoint: given.checkpoint.replace('\n700\n', '\n699\n') },
  ])
    expect(checkByGo({ ...given, ...changed }).status).not.toBe(0)
})
