import type { ChatAdapter } from '../chat/adapter.ts'
import { type Delivery, deliver } from '../chat/deliver.ts'
import { refusalOf } from '../commands/admission.ts'
import { callerOf } from '../commands/caller.ts'
import type { Services } from '../commands/command.ts'
import type { KeptReply } from '../commands/outbox.repository.ts'
import type { Router } from '../commands/router.ts'
import type { Account } from '../kernel/account.ts'
import type { HeardTime } from '../kernel/heard-time.ts'
import { InFlight } from '../kernel/in-flight.ts'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage, Reply, Source, Status } from '../kernel/message.ts'
import { activeBlocks } from '../roles/block.repository.ts'
import { findPerson } from '../roles/person.ts'
import { atLeast, isRole } from '../roles/role.ts'
import { effectiveRole } from '../roles/user.ts'
import type { KeptReplies } from './kept-replies.ts'
import { serve } from './serve.ts'

interface Parts {
  readonly router: Router
  readonly services: Services
  readonly kept: KeptReplies
  /** The chats that are served: each is here as long as it is. */
  readonly served: Set<ChatAdapter>
  readonly heard: HeardTime
  readonly log: Logger
}

/** Brings what the router answers to those who may see it: in chats that are served, or by a host's own way to send. */
export class Answering {
  /** What is being answered. */
  readonly working = new InFlight()
  readonly #parts: Parts
  readonly #ending = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Answers one message. Never rejects. */
  respond(message: IncomingMessage, send: Delivery['send']): Promise<Status> {
    const { services, log } = this.#parts
    return this.#answer(message, { send, texts: services.texts, log }, false)
  }

  /** Answers in a chat until it ends. Resolves when the chat has started. */
  serve(adapter: ChatAdapter): Promise<void> {
    const { services, kept, served, log } = this.#parts
    const delivery = { send: adapter.send, texts: services.texts, log, giveUp: (id: string) => kept.settle(id) }
    served.add(adapter)
    void adapter.ended.then(() => served.delete(adapter))
    return serve(adapter, {
      kept,
      log,
      signal: this.#ending.signal,
      maySee: (reply) => this.#maySee(reply, adapter.source),
      answer: async (message, keepsReplies) => void (await this.#answer(message, delivery, keepsReplies)),
    })
  }

  /** Stops the chats that are served. */
  async stop(): Promise<void> {
    this.#ending.abort()
    // A reply that waits for a connection would be waited for.
    await Promise.all([...this.#parts.served].map((adapter) => adapter.stop()))
  }

  #answer(message: IncomingMessage, delivery: Delivery, keepsReplies: boolean): Promise<Status> {
    this.#parts.heard.hear(message?.sentAt)
    return this.working.track(async () => {
      let told = Promise.resolve()
      const onProgress = (reply: Reply) => {
        // In a group it would be one more notice there, about nothing yet.
        if (message.chat.kind === 'private')
          told = told.then(async () => void (await deliver(message, [reply], delivery)))
      }
      const { status, replies } = await this.#parts.router.handle({ message, onProgress, keepsReplies })
      this.#parts.kept.note(replies)
      await told
      const isComplete = await deliver(message, replies, delivery)
      return status === 'answered' && !isComplete ? 'failed' : status
    })
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
