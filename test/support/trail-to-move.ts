import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeAll } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import type { Handled } from '../../src/kernel/message.ts'
import { FakeClock, OPERATOR, OWNER, openTestWarden, type TestWarden, USER } from './chatwarden.ts'
import { shareRichTrail } from './rich-trail.ts'

export interface TrailToMove {
  /** A closed database: the rich trail with a gap that retention left, and 250 entries after it. */
  readonly path: string
  readonly now: number
  /** Files with a proof from before the gap. */
  readonly proof: { readonly proof: string; readonly entry: string }
}

const performedBy = { id: 'u1', phoneNumber: OPERATOR, role: 'OPERATOR', name: 'Olga' }

/** An event that waits in files if it can't be written. */
export const report = (warden: TestWarden) => warden.AuditLogger.logConversationReset({ performedBy })

/** The two files of a proof that was asked for in the chat. */
export function proofIn({ replies }: Handled): TrailToMove['proof'] {
  const [proof = '', entry = ''] = replies.flatMap(({ attachment }) =>
    attachment !== undefined && 'path' in attachment ? [readFileSync(String(attachment.path), 'utf8')] : [],
  )
  return { proof, entry }
}

/** One for all tests of a file. */
export function shareTrailToMove(): TrailToMove {
  const shared = shareRichTrail()
  let proof = { proof: '', entry: '' }
  const now = () => shared.trail.how.now + 400 * DAY
  beforeAll(async () => {
    const clock = new FakeClock(now())
    const warden = await openTestWarden({ clock }, dirname(shared.trail.path), () => {})
    // Long after the trail was written: a message says that it is so late.
    proof = proofIn(await warden.say(OWNER, '!config audit proof 300', { sentAt: new Date(clock.time) }))
    await warden.cleanupExpiredAuditLogs(90)
    await warden.say(OWNER, `!config role promote ${USER} OPERATOR`)
    await Promise.all(Array.from({ length: 250 }, () => report(warden)))
    await warden.close()
  })
  return {
    get path() {
      return shared.trail.path
    },
    get now() {
      return now()
    },
    get proof() {
      return proof
    },
  }
}
