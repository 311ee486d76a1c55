import { expect, test } from 'vitest'
import { parseCheckpoint } from '../../src/audit/tree/checkpoint.ts'
import { leafHashOfJson } from '../../src/audit/tree/leaf.ts'
import { openNote } from '../../src/audit/tree/note.ts'
import { parseTlogProof } from '../../src/audit/tree/tlog-proof.ts'
import { verifyInclusion } from '../../src/audit/tree/verify-proofs.ts'
import { DAY } from '../../src/kernel/clock.ts'
import { FakeClock, OWNER, openTestWarden, type TestWarden } from '../support/chatwarden.ts'
import { emptyDatabase, move, verifyAt } from '../support/moving.ts'
import { keyIn } from '../support/tamper.ts'
import { proofIn } from '../support/trail-to-move.ts'

const ENTRIES = process.env.SOAK_ROUNDS === undefined ? 1_000_000 : 50_000
const GROUP = 5000

/** Over two years, so that there are as many parts as a real trail has. */
async function fill(warden: TestWarden, clock: FakeClock, entries: number): Promise<void> {
  for (let sent = 0; sent < entries; sent += GROUP) {
    clock.advance((730 * DAY * GROUP) / ENTRIES)
    await Promise.all(
      Array.from({ length: GROUP }, (_, index) =>
        warden.AuditLogger.logUsageQuery({
          performedBy: { phoneNumber: `+1555${1_000_000 + ((sent + index) % 5000)}`, name: `Somebody ${index}` },
          queryType: `costs of ${'x'.repeat(100)}`,
        }),
      ),
    )
  }
}

test(`a trail of ${ENTRIES} entries moves with its root and its proofs`, async () => {
  const clock = new FakeClock(Date.now() - 735 * DAY)
  const warden = await openTestWarden({ clock })
  await fill(warden, clock, ENTRIES / 2)
  const { proof, entry } = proofIn(await warden.say(OWNER, `!config audit proof ${ENTRIES / 4}`))
  await fill(warden, clock, ENTRIES / 2)
  await warden.close()
  const [head] = warden.sql<{ checkpoint: string }>('SELECT checkpoint FROM audit_head')

  const to = await emptyDatabase()
  const begun = performance.now()
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`
  const stages: string[] = []
  const moved = await move(warden, to, {
    clock,
    batch: 10_000,
    onStage: (stage) => void stages.push(`${stage} ${seconds()}`),
  })
  console.log(`${ENTRIES} entries moved in ${seconds()} (${stages.join(', ')})`)
  expect(moved).toMatchObject({ checkpoint: head?.checkpoint, verification: { findings: [] } })

  const key = keyIn(warden.folder)
  const { index, hashes, checkpoint } = parseTlogProof(proof)
  const { size, root } = parseCheckpoint(openNote(checkpoint, [key]).text)
  expect(verifyInclusion(leafHashOfJson(entry), index, size, hashes, root)).toBe(true)
  expect(await verifyAt(to, key, clock.time, checkpoint)).toMatchObject({ findings: [], extends: size })
})
