import type { Person } from '../audit/write/audit-logger.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import { type Arrived, isSilent } from '../kernel/arrived.ts'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import type { RefusalReason } from '../roles/refusal.repository.ts'
import { isQuiet, type Limits, limitOf, refusalOf, refuse, tooFast } from './admission.ts'
import { callerOf } from './caller.ts'
import type { Caller, Services } from './command.ts'
import { admissionFault } from './host-message.ts'

/** Whether a bot should answer a message that is no command. */
export type Admission =
  | {
      readonly admitted: true
      /** Who wrote, for the calls of `AuditLogger` and for `moderate`. */
      readonly sender: Person
    }
  | {
      readonly admitted: false
      /** `failed`: it could not be found out, as the database or the platform did not answer. */
      readonly reason: 'blocked' | 'not-whitelisted' | 'limited' | 'failed'
      /** What to tell the sender, and nobody else; nothing if they were told before. */
      readonly text: string | undefined
    }

const FAILED: Admission = { admitted: false, reason: 'failed', text: undefined }
/** One too many of somebody who was told so. */
export const LIMITED: Admission = { admitted: false, reason: 'limited', text: undefined }
const REASONS = { BLOCKED: 'blocked', NOT_WHITELISTED: 'not-whitelisted' } as const

/** Lets the messages of a host through by the same rules as commands: blocks, whitelist, rate limits. */
export class Gate {
  readonly #writer: AuditWriter
  readonly #services: Services
  readonly #limits: Limits
  readonly #log: Logger

  constructor(writer: AuditWriter, services: Services, limits: Limits, log: Logger) {
    this.#writer = writer
    this.#services = services
    this.#limits = limits
    this.#log = log
  }

  /** Never rejects: who can't be checked is not admitted. `given`: where it was counted when it arrived. */
  async admit(message: IncomingMessage, given?: Arrived): Promise<Admission> {
    const fault = admissionFault(message)
    if (fault !== undefined) {
      this.#log.error({ err: fault }, 'The host handed over what is no message')
      return FAILED
    }
    const { arrivals } = this.#limits
    const arrived = given ?? arrivals.count(message)
    if (isSilent(arrived)) return LIMITED
    try {
      const caller = await callerOf(message, this.#services.reader)
      arrivals.learn(arrived, caller)
      return await this.#decide(caller, arrived)
    } catch (err) {
      arrived.discount()
      this.#log.error({ err, message: message.id }, 'It is not known whether somebody may use the bot')
      return FAILED
    }
  }

  async #decide(caller: Caller, arrived: Arrived): Promise<Admission> {
    const refusal = refusalOf(caller, this.#services)
    if (caller.unverified && refusal === undefined) {
      arrived.discount()
      return FAILED
    }
    if (refusal !== undefined) {
      arrived.discount()
      return { admitted: false, reason: REASONS[refusal], text: await this.#turnAway(caller, refusal) }
    }
    const verdict = await limitOf(caller, arrived, this.#limits)
    if (!verdict.allowed) return { admitted: false, reason: 'limited', text: tooFast(verdict, this.#services.texts) }
    const { account, role, userId: id, name } = caller.actor
    return { admitted: true, sender: { account, phoneNumber: account, role, id, name } }
  }

  async #turnAway(caller: Caller, reason: RefusalReason): Promise<string | undefined> {
    if (await isQuiet(caller, reason, this.#services)) return undefined
    try {
      return await this.#writer.transaction((tx) => refuse(tx, caller, reason, this.#services))
    } catch (err) {
      this.#log.error({ err, message: caller.place.requestId }, 'Turning somebody away could not be written')
      return undefined
    }
  }
}
