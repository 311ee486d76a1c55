import type { ChatAdapter } from '../chat/adapter.ts'
import { deliver } from '../chat/deliver.ts'
import type { KeptReply } from '../commands/outbox.repository.ts'
import type { Arrived } from '../kernel/arrived.ts'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { atLeast } from '../roles/role.ts'
import { english } from '../text/english.ts'
import type { KeptReplies } from './kept-replies.ts'

/** How often a chat looks for notes that other processes left for it, in milliseconds. */
const LOOK_EVERY = 5000

export interface Served {
  readonly kept: KeptReplies
  readonly log: Logger
  /** Aborts when nothing is to be looked for any more. */
  readonly signal: AbortSignal
  answer(message: IncomingMessage, keepsReplies: boolean, arrived?: Arrived): Promise<void>
  /** Whether whom a reply was for may still see it. */
  maySee(kept: KeptReply): Promise<boolean>
}

/**
 * Answers in a chat, which it listens to at once: what is written before that, nobody would hear. What a process before
 * this one left to send goes out before anything new.
 */
export async function serve(adapter: ChatAdapter, served: Served): Promise<void> {
  const keepsReplies = adapter.onSettled !== undefined
  adapter.onSettled?.((outboxId) => served.kept.settle(outboxId))
  const left = keepsReplies ? watchLeft(adapter, served) : Promise.resolve()
  const started = adapter.start(async (message, arrived) => {
    await left
    await served.answer(message, keepsReplies, arrived)
  })
  await Promise.all([left, started])
}

async function watchLeft(adapter: ChatAdapter, { signal, ...served }: Served): Promise<void> {
  let isStart = true
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      await deliverLeft(adapter, served, isStart)
      isStart = false
    } catch (err) {
      served.log.error({ err }, 'It is not known what was left to send')
    }
    isLooking = false
  }
  await look()
  const timer = setInterval(() => void look(), LOOK_EVERY)
  timer.unref()
  const stop = () => clearInterval(timer)
  signal.addEventListener('abort', stop)
  void adapter.ended.then(stop, stop)
}

type Left = Omit<Served, 'signal'>

async function deliverLeft(
  { source, send }: ChatAdapter,
  { kept, log, maySee }: Left,
  isStart: boolean,
): Promise<void> {
  const giveUp = (id: string) => kept.settle(id)
  let failure: unknown
  for (const left of await kept.take(source, isStart)) {
    const { id, message, reply, begunBy, role } = left
    const yields = role === undefined || !atLeast(role, 'OPERATOR')
    const isShown = await maySee(left).catch((error) => {
      failure = error
    })
    if (isShown === undefined) kept.release(id)
    else if (isShown)
      void deliver(message, [reply], { send, texts: english, log, again: begunBy !== null, giveUp, yields })
    else {
      log.warn({ reply: id }, 'A reply that was left is not sent: whom it was for may not see it any more')
      giveUp(id)
    }
  }
  // The next look takes those again.
  if (failure !== undefined) throw failure
}
