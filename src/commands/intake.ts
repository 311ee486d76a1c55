import { type Arrived, isSilent } from '../kernel/arrived.ts'
import { ChatwardenError, tell } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import type { Handled, IncomingMessage } from '../kernel/message.ts'
import { senderKey } from '../roles/person.ts'
import { type Addressed, addressed } from './addressed.ts'
import type { Limits } from './admission.ts'
import { callerOf } from './caller.ts'
import type { Services } from './command.ts'
import { messageFault } from './host-message.ts'
import { wasProcessed } from './inbox.repository.ts'
import { findCursor } from './page-cursor.repository.ts'
import type { PagedChats } from './paged-chats.ts'
import { pageChatOf } from './pages.ts'
import type { Request } from './request.ts'
import type { Router } from './router.ts'

const IGNORED: Handled = { status: 'ignored', replies: [] }
const FAILED: Handled = { status: 'failed', replies: [] }
const LIMITED: Handled = { status: 'limited', replies: [] }

/** What comes in: which messages are commands, and how many of somebody's are looked at, before anything is asked about them. */
export class Intake {
  readonly #router: Router
  readonly #services: Services
  readonly #limits: Limits
  readonly #paged: PagedChats
  readonly #log: Logger

  constructor(router: Router, services: Services, limits: Limits, paged: PagedChats, log: Logger) {
    this.#router = router
    this.#services = services
    this.#limits = limits
    this.#paged = paged
    this.#log = log
  }

  /** Whether a message is a command, so that a host can leave it alone. Never a promise. */
  isCommand(message: Pick<IncomingMessage, 'text'> & Partial<IncomingMessage>): boolean {
    const { text, source, chat, sender } = message ?? {}
    if (typeof text !== 'string') return false
    const spoken = addressed(text, this.#services.prefix)
    if (spoken?.kind !== 'more') return spoken !== undefined
    if (source === undefined || !chat || typeof sender?.id !== 'string') return false
    return this.#paged.expectsMore(sender, pageChatOf({ source, chat }))
  }

  /** Handles one message. Never rejects: whatever goes wrong is one of the ways a message can end. */
  async handle(request: Request): Promise<Handled> {
    try {
      return await this.#receive(request)
    } catch (error) {
      const { chat, reference } = tell(error)
      this.#log.error({ err: error, reference, message: request.message.id }, 'A command failed')
      return { status: 'failed', replies: [{ audience: 'chat', text: chat }] }
    }
  }

  async #receive(request: Request): Promise<Handled> {
    const { message } = request
    if (typeof message !== 'object' || message === null) return this.#blameHost(messageFault(message) as Error)
    // A host in JavaScript may hand over a message without text, such as a picture.
    if (typeof message.text !== 'string') return IGNORED
    const spoken = addressed(message.text, this.#services.prefix)
    if (spoken === undefined) return IGNORED
    const fault = messageFault(message)
    if (fault !== undefined) return spoken.kind === 'more' ? IGNORED : this.#blameHost(fault)
    const { arrivals } = this.#limits
    // What may be no command counts as none until it is known to be one.
    if (spoken.kind === 'more' && request.arrived === undefined && !this.isCommand(message)) {
      if (!arrivals.mayAsk(message)) return IGNORED
      if (!(await this.#continues(message))) return IGNORED
    }
    return this.#count(request, spoken, request.arrived ?? arrivals.count(message))
  }

  async #count(request: Request, spoken: Addressed, arrived: Arrived): Promise<Handled> {
    if (isSilent(arrived)) return LIMITED
    try {
      return await this.#router.take(request, arrived, spoken)
    } catch (error) {
      // While nobody can be looked up, what everybody hears of it counts: else whoever likes fills chat and log with it.
      if (!isOutage(error)) arrived.discount()
      throw error
    }
  }

  /** What no chat can be told of, as it is not known where it came from. */
  #blameHost(fault: Error): Handled {
    this.#log.error({ err: fault }, 'The host handed over what is no message')
    return FAILED
  }

  /** Whether a bare `more` goes on with a page, or did. */
  async #continues(message: IncomingMessage): Promise<boolean> {
    const { reader } = this.#services
    if (await wasProcessed(reader, message)) return true
    const { actor } = await callerOf(message, reader)
    return (await findCursor(this.#services, senderKey(actor), pageChatOf(message))) !== undefined
  }
}

const isOutage = (error: unknown): boolean => error instanceof ChatwardenError && error.code === 'DATABASE_REPLACED'
