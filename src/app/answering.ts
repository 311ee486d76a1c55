import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatAdapter } from '../chat/adapter.ts'
import { type Delivery, deliver } from '../chat/deliver.ts'
import { refusalOf } from '../commands/admission.ts'
import { callerOf } from '../commands/caller.ts'
import type { Services } from '../commands/command.ts'
import type { Intake } from '../commands/intake.ts'
import type { KeptReply } from '../commands/outbox.repository.ts'
import type { Account } from '../kernel/account.ts'
import type { Arrived } from '../kernel/arrived.ts'
import type { HeardTime } from '../kernel/heard-time.ts'
import { InFlight } from '../kernel/in-flight.ts'
import { Lanes } from '../kernel/lanes.ts'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage, Reply, Source, Status } from '../kernel/message.ts'
import { readable } from '../kernel/readable.ts'
import { activeBlocks } from '../roles/block.repository.ts'
import { findPerson } from '../roles/person.ts'
import { atLeast, type EffectiveRole, isRole } from '../roles/role.ts'
import { effectiveRole } from '../roles/user.ts'
import type { KeptReplies } from './kept-replies.ts'
import { serve } from './serve.ts'

interface Parts {
  readonly intake: Intake
  readonly services: Services
  readonly kept: KeptReplies
  /** The chats that are served: each is here as long as it is. */
  readonly served: Set<ChatAdapter>
  readonly heard: HeardTime
  readonly log: Logger
}

/** How long the next message of a chat waits for the answer to the one before to be sent, in milliseconds. */
const SENDING = 100

/** How long what is being sent is waited for when all else has ended, in milliseconds. */
const LEAVING = 10_000

/** Brings what commands answer to those who may see it: in chats that are served, or by a host's own way to send. */
export class Answering {
  /** What is being answered. */
  readonly working = new InFlight()
  readonly #parts: Parts
  readonly #sending = new Lanes()
  readonly #leaving = new InFlight()
  readonly #ending = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Answers one message. Never rejects. `unsent`: it was done, and its sender could not be told. */
  async respond(message: IncomingMessage, send: Delivery['send']): Promise<Status> {
    const { services, log } = this.#parts
    return (await this.#answer(message, { send, texts: services.texts, log }, false)).sent
  }

  /** Answers in a chat until it ends. Resolves when the chat has started. */
  serve(adapter: ChatAdapter): Promise<void> {
    const { services, kept, served, log } = this.#parts
    const delivery = { send: adapter.send, texts: services.texts, log, giveUp: (id: string) => kept.settle(id) }
    served.add(adapter)
    const remove = () => served.delete(adapter)
    void adapter.ended.then(remove, remove)
    return serve(adapter, {
      kept,
      log,
      signal: this.#ending.signal,
      maySee: (reply) => this.#maySee(reply, adapter.source),
      answer: async (message, keepsReplies, arrived) => {
        const { sent } = await this.#answer(message, delivery, keepsReplies, arrived)
        if (!keepsReplies) await sent
      },
    })
  }

  /** Resolves when all is answered, or when a host's way to send has not ended for long after that. */
  async ended(): Promise<void> {
    await this.working.settled()
    const timer = new AbortController()
    const late = sleep(LEAVING, false, { signal: timer.signal }).catch(() => true)
    const isOver = await Promise.race([this.#leaving.settled().then(() => true), late])
    timer.abort()
    if (!isOver) this.#parts.log.warn('What was still being sent is not waited for any more')
  }

  /** Stops the chats that are served. */
  async stop(): Promise<void> {
    this.#ending.abort()
    // A reply that waits for a connection would be waited for.
    const { served, log } = this.#parts
    const stop = async (adapter: ChatAdapter) => adapter.stop()
    const stopping = [...served].map((adapter) =>
      stop(adapter).catch((thrown) =>
        log.error({ err: readable(thrown), source: adapter.source }, 'A chat failed to stop'),
      ),
    )
    await Promise.all(stopping)
  }

  /** Resolves when it has been handled, to what becomes of the answer. */
  #answer(
    message: IncomingMessage,
    delivery: Delivery,
    keepsReplies: boolean,
    arrived?: Arrived,
  ): Promise<{ readonly sent: Promise<Status> }> {
    this.#parts.heard.hear(message?.sentAt)
    return this.working.track(async () => {
      // Until it is known that it is somebody with a role.
      let yields = true
      const onKnown = (role: EffectiveRole) => {
        yields = !atLeast(role, 'OPERATOR')
      }
      const lane = () => laneOf(message, keepsReplies ? { yields } : { message: message.id })
      const send = (replies: readonly Reply[]) =>
        this.#inTurn(lane(), () => deliver(message, replies, { ...delivery, yields: keepsReplies && yields }))
      const onProgress = (reply: Reply) => {
        // In a group it would be one more notice there, about nothing yet.
        if (message.chat.kind === 'private') void send([reply])
      }
      const request = { message, onProgress, onKnown, keepsReplies, ...(arrived && { arrived }) }
      const { status, replies } = await this.#parts.intake.handle(request)
      if (replies.length === 0) return { sent: Promise.resolve(status) }
      this.#parts.kept.note(replies)
      const isDelayed = this.#sending.waiting(lane()) > 0
      const sent = send(replies).then((isComplete) => (status === 'answered' && !isComplete ? 'unsent' : status))
      arrived?.until(sent)
      // What the database keeps is sent whatever comes next, so nobody has to wait for who may not be sent more just now.
      if (keepsReplies && !isDelayed) await Promise.race([sent, sleep(SENDING, undefined, { ref: false })])
      return { sent }
    })
  }

  #inTurn<T>(lane: string, work: () => Promise<T>): Promise<T> {
    return this.#leaving.track(() => this.#sending.run(lane, work))
  }

  /** Whether whom a kept reply is for still has the role for it, and is let in. */
  async #maySee({ message, reply, role }: KeptReply, source: Source): Promise<boolean> {
    const { services } = this.#parts
    if (typeof reply.audience === 'object') return this.#mayBeTold(reply.audience.account, reply.role)
    if (role === undefined) return true
    const caller = await callerOf({ ...message, source, text: '' }, services.reader)
    return atLeast(caller.role, role) && refusalOf(caller, services) === undefined
  }

  /** Whether somebody else than the sender still has the role for a note, and is let in. */
  async #mayBeTold(account: Account, role: string | undefined): Promise<boolean> {
    if (role === undefined || !isRole(role)) return true
    const { reader, clock } = this.#parts.services
    const person = await findPerson(reader, account)
    if ((await activeBlocks(reader, person, clock.now())).length > 0) return false
    return atLeast(effectiveRole(person.user), role)
  }
}

/** Within one: what is sent in order. In a chat that is served that is every answer, but for those that yield, apart. */
const laneOf = ({ source, chat }: IncomingMessage, within: object): string => JSON.stringify([source, chat.id, within])
