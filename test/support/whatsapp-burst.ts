import type { Sent, StandIn } from './whatsapp-web/stand-in.ts'

const CHATS = 20
const EACH = 10

/** People who write at once; each may command the bot. */
export const WRITERS = Array.from({ length: CHATS }, (_, index) => `+1555010${String(index).padStart(4, '0')}`)

export interface Burst {
  /** The ids of what each wrote, in the order of writing. */
  readonly written: ReadonlyMap<string, readonly string[]>
  /** What was sent, in the order of sending. */
  readonly sent: readonly Sent[]
  /** From writing to the answer, in milliseconds, shortest first. */
  readonly latencies: readonly number[]
}

/** Everybody writes ten messages, all at once. Resolves when every one has been answered. */
export async function burst(standIn: StandIn, text: (index: number) => string): Promise<Burst> {
  const before = standIn.outbox().length
  const writtenAt = new Map<string, number>()
  const written = new Map<string, string[]>()
  const answeredAt = new Map<string, number>()
  const seen = () => {
    for (const { quoted } of standIn.outbox().slice(before))
      if (quoted !== undefined && !answeredAt.has(quoted)) answeredAt.set(quoted, performance.now())
  }
  for (let index = 0; index < EACH; index++)
    for (const phone of WRITERS) {
      const id = standIn.receive({ from: phone.slice(1), text: text(index) })
      writtenAt.set(id, performance.now())
      written.set(phone, [...(written.get(phone) ?? []), id])
    }
  for (let count = 1; count <= CHATS * EACH; count++) {
    await standIn.waitForOutbox(before + count, 120_000)
    seen()
  }
  const latencies = [...writtenAt].map(([id, at]) => (answeredAt.get(id) ?? Number.NaN) - at)
  return { written, sent: standIn.outbox().slice(before), latencies: latencies.sort((a, b) => a - b) }
}
