import { auditEvent } from '../audit/entry/entry.ts'
import type { Logger } from '../kernel/log.ts'
import type { Handled } from '../kernel/message.ts'
import type { Caller, Services } from './command.ts'
import type { Committer } from './committer.ts'
import { claimIdentity } from './identity-denial.ts'
import { GROUPS } from './registry.ts'
import { toNote } from './replies.ts'
import type { Request } from './request.ts'
import type { Resolved } from './resolve.ts'

/** Why a command is not carried out, whatever it says: each is one entry and one answer. */
export class Refusals {
  readonly #committer: Committer
  readonly #services: Services
  readonly #log: Logger

  constructor(committer: Committer, services: Services, log: Logger) {
    this.#committer = committer
    this.#services = services
    this.#log = log
  }

  /** The role is too low. */
  role(request: Request, caller: Caller, { command, group, rest }: Resolved & { kind: 'denied' }): Promise<Handled> {
    const { texts } = this.#services
    const denial = auditEvent('PERMISSION_DENIED', caller.actor, caller.place, {
      attemptedAction: command?.attemptedAction(rest) ?? 'UNKNOWN_COMMAND',
      reason: 'ROLE_TOO_LOW',
    })
    const describe = group === undefined ? command?.denial : GROUPS[group]?.denial
    return this.#committer.deny(request, denial, describe?.(texts) ?? texts.denied.anything)
  }

  /** Nobody can say who it is. */
  unverified(request: Request, { actor, place }: Caller): Promise<Handled> {
    const why = { attemptedAction: 'UNKNOWN_COMMAND', reason: 'IDENTITY_UNVERIFIED' }
    const denial = auditEvent('PERMISSION_DENIED', actor, place, why)
    return this.#committer.deny(request, denial, this.#services.texts.denied.identityUnverified)
  }

  /** Another account than before appears as a number. */
  identity(request: Request, { actor, place }: Caller, changed: NonNullable<Caller['changed']>): Promise<Handled> {
    const { texts, clock } = this.#services
    const denial = auditEvent('IDENTITY_CHANGED', actor, place, {
      targetUser: changed.phone,
      account: changed.account,
    })
    this.#log.warn({ phone: changed.phone }, 'Another account than before appeared as a number')
    return this.#committer.deny(request, denial, texts.denied.identityChanged, async (tx) =>
      (await claimIdentity(tx, changed, this.#services, clock.now())).map(toNote),
    )
  }
}
