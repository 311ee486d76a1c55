import type { ChatAdapter } from './chat/adapter.ts'
import { deliver } from './chat/deliver.ts'
import type { KeptReplies } from './kept-replies.ts'
import type { Logger } from './kernel/log.ts'
import type { IncomingMessage } from './kernel/message.ts'
import { english } from './text/english.ts'

/** How often a chat looks for notes that other processes left for it, in milliseconds. */
const LOOK_EVERY = 5000

interface Served {
  readonly kept: KeptReplies
  readonly log: Logger
  /** Aborts when nothing is to be looked for any more. */
  readonly signal: AbortSignal
  answer(message: IncomingMessage, keepsReplies: boolean): Promise<void>
}

/** Answers in a chat. What a process before this one left to send goes out before anything new. */
export async function serve(adapter: ChatAdapter, { kept, log, signal, answer }: Served): Promise<void> {
  const { source, send } = adapter
  const keepsReplies = adapter.onArrived !== undefined
  const deliverLeft = async (isStart: boolean) => {
    const left = await kept.left(source, isStart).catch((err) => {
      log.error({ err }, 'It is not known what was left to send')
      return []
    })
    const giveUp = (id: string) => kept.settle(id)
    for (const { message, reply, begun } of left)
      void deliver(message, [reply], { send, texts: english, log, again: begun, giveUp })
  }
  if (keepsReplies) {
    adapter.onArrived?.((outboxId) => kept.settle(outboxId))
    await deliverLeft(true)
    const timer = setInterval(() => void deliverLeft(false), LOOK_EVERY)
    timer.unref()
    const stop = () => clearInterval(timer)
    signal.addEventListener('abort', stop)
    void adapter.ended.then(stop)
  }
  await adapter.start((message) => answer(message, keepsReplies))
}
