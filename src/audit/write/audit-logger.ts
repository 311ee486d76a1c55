import { parseAccount } from '../../kernel/account.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { trailAccount } from '../entry/audit-filter.ts'
import { type Actor, type AuditEvent, auditEvent, type Place, reportedEvent, SYSTEM } from '../entry/entry.ts'
import { isReserved } from '../entry/event-types.ts'
import type { Lost } from './gap.ts'
import type { LogResult, Observations } from './observations.ts'

/** A person as the host knows them. */
export interface Person {
  /** The user's id in Chatwarden or in the host. */
  readonly id?: string | undefined
  /**
   * E.164, `platform:id` such as `telegram:42`, or an id of WhatsApp such as `15550001111@c.us`. Needed, unless there is a
   * `phoneNumber`.
   */
  readonly account?: string | undefined
  /** The same by document 002's name; digits alone are a number in international form. */
  readonly phoneNumber?: string | undefined
  /** Without it, or without the id, what Chatwarden knows of the account is written. `NONE`: it is nobody's. */
  readonly role?: string | undefined
  readonly name?: string | null | undefined
}

/** Any event, as a host says it. */
export type HostEvent = Omit<AuditEvent, 'actor' | 'reported'> & {
  readonly actor: Omit<Actor, 'account'> & Pick<Person, 'account' | 'phoneNumber'>
}

/** Who acted, as the calls have it that need no more of them. */
type Acting = Pick<Person, 'id' | 'account' | 'phoneNumber'> & { readonly userRole?: string }

type Filters = Readonly<Record<string, string | number | boolean | null>>
type Value = string | number | boolean | null

/**
 * The documented calls by which a bot reports what happens in it (document 002). None of them ever throws or
 * rejects: they resolve to what became of the event.
 */
export class AuditEvents {
  readonly #observations: Observations
  readonly #place: Place

  constructor(observations: Observations, place: Place = { source: 'api' }) {
    this.#observations = observations
    this.#place = place
  }

  /** Writes what waits, and what is still to be told about lost events, if the database takes it. Never rejects. */
  flush(): Promise<void> {
    return this.#observations.flush()
  }

  /** Adds events that were lost elsewhere, such as before there was a database. */
  missed(lost: Lost): void {
    this.#observations.missed(lost)
  }

  logRoleChange(of: { performedBy: Person; targetUser: Person; oldRole: string; newRole: string }) {
    return this.#record(() => {
      const { performedBy, oldRole, newRole } = of
      const change = { targetUser: accountOfPerson(of.targetUser), oldRole, newRole }
      return this.#event('ROLE_CHANGE', performedBy, change, of.targetUser.id)
    })
  }

  logWhitelistChange(of: { performedBy: Person; targetPhoneNumber: string; action: 'ADD' | 'REMOVE' }) {
    return this.#record(() =>
      this.#event(of.action === 'ADD' ? 'WHITELIST_ADD' : 'WHITELIST_REMOVE', of.performedBy, {
        targetPhoneNumber: trailAccount(of.targetPhoneNumber),
      }),
    )
  }

  logPermissionDenied(of: Acting & { user?: Person; action: string; reason?: string }) {
    return this.#record(() => {
      const person = { id: of.id, role: of.userRole, ...of.user, ...(named(of) && { account: accountOfPerson(of) }) }
      return this.#event('PERMISSION_DENIED', person, { attemptedAction: of.action, reason: of.reason })
    })
  }

  logConfigChange(of: { performedBy: Person; setting: string; oldValue: Value; newValue: Value }) {
    return this.#record(() => {
      const { performedBy, setting, oldValue, newValue } = of
      return this.#event('CONFIG_UPDATE', performedBy, { setting, oldValue, newValue })
    })
  }

  logUsageQuery(of: { performedBy: Person; queryType: string; filters?: Filters }) {
    return this.#record(() => {
      const { performedBy, queryType, filters } = of
      return this.#event('USAGE_QUERY', performedBy, { queryType, filters })
    })
  }

  logAuditLogViewed(of: { performedBy: Person; filters: Filters }) {
    return this.#record(() => this.#event('AUDIT_LOG_VIEWED', of.performedBy, { filters: of.filters }))
  }

  logAuditLogExported(of: { performedBy: Person; format: string; recordCount: number; filters?: Filters }) {
    return this.#record(() => {
      const { performedBy, format, recordCount, filters } = of
      return this.#event('AUDIT_LOG_EXPORTED', performedBy, { format, recordCount, filters })
    })
  }

  logCostThresholdBreach(of: { threshold: number; actual: number; period: string }) {
    return this.#record(() => {
      const { threshold, actual, period } = of
      return auditEvent('COST_THRESHOLD_BREACH', SYSTEM, this.#place, { threshold, actual, period })
    })
  }

  logConversationReset(of: { performedBy: Person }) {
    return this.#record(() => this.#event('CONVERSATION_RESET', of.performedBy, {}))
  }

  /** A `global` violation is nobody's: its entry has the account `GLOBAL`. */
  logRateLimitViolation(
    of: Acting & {
      limitType: 'user' | 'global'
      limit?: number
      consumed?: number
    },
  ) {
    return this.#record(() => {
      const { limitType, limit, consumed, userRole: role } = of
      const id = limitType === 'global' ? undefined : of.id
      const account = limitType === 'global' ? 'GLOBAL' : accountOfPerson(of)
      return this.#event('RATE_LIMIT_VIOLATION', { id, account, role }, { limitType, limit, consumed })
    })
  }

  /** Somebody blocked, or not on the whitelist, was turned away. */
  logAccessBlocked(of: Acting & { reason?: string }) {
    return this.#record(() => {
      const { id, userRole: role, reason } = of
      return this.#event('ACCESS_BLOCKED', { id, account: accountOfPerson(of), role }, { reason })
    })
  }

  /** Only the categories are kept, never what was written. */
  logModerationFlag(of: { user: Person; flaggedCategories: readonly string[] }) {
    return this.#record(() => this.#event('MODERATION_FLAG', of.user, { flaggedCategories: [...of.flaggedCategories] }))
  }

  logCircuitBreakerChange(of: { service: string; state: 'OPEN' | 'CLOSED'; failureCount?: number }) {
    return this.#record(() => {
      const { service, failureCount } = of
      const action = of.state === 'OPEN' ? 'CIRCUIT_BREAKER_OPEN' : 'CIRCUIT_BREAKER_CLOSED'
      return auditEvent(action, SYSTEM, this.#place, { service, failureCount })
    })
  }

  /** Writes any event; like the `logX` calls, never rejects. */
  record(event: HostEvent): Promise<LogResult> {
    return this.#record(() => {
      if (isReserved(event.action))
        throw new ChatwardenError('INVALID_EVENT', `Only Chatwarden itself writes ${event.action}.`)
      const { phoneNumber: _, ...actor } = event.actor
      return { ...event, actor: completed({ ...actor, account: accountOfPerson(event.actor) }) }
    })
  }

  #event<A extends Parameters<typeof auditEvent>[0]>(
    action: A,
    person: Person,
    metadata: Parameters<typeof auditEvent<A>>[3],
    subjectId?: string,
  ): AuditEvent {
    return auditEvent(action, actorOf(person), this.#place, metadata, subjectId)
  }

  #record(make: () => AuditEvent): Promise<LogResult> {
    return this.#observations.keep(() => reportedEvent(make()))
  }
}

export function actorOf(person: Person): Actor {
  const { id: userId, role, name } = person
  return completed({ account: accountOfPerson(person), role, userId, name: name ?? undefined })
}

/** What the host does not say of who acted, the commit that writes it looks up. */
function completed(actor: Omit<Actor, 'role'> & { readonly role: string | undefined }): Actor {
  // A program in JavaScript may have null, or nothing, in their place.
  const [role, userId] = [actor.role || undefined, actor.userId || undefined]
  const isWhole = role === 'NONE' || (role !== undefined && userId !== undefined)
  return { ...actor, userId, role: role ?? 'NONE', ...(!isWhole && { lookUp: true }) }
}

const named = ({ account, phoneNumber }: Pick<Person, 'account' | 'phoneNumber'>) => account ?? phoneNumber

/** @throws {ChatwardenError} `INVALID_EVENT` where the host names nobody. */
export function accountOfPerson(person: Pick<Person, 'account' | 'phoneNumber'>): string {
  const text = named(person)
  if (typeof text !== 'string' || text === '')
    throw new ChatwardenError('INVALID_EVENT', 'An account or a phoneNumber has to say who it is.')
  // By its old name digits are a number; an account of digits may be of any platform.
  return person.account === undefined ? trailAccount(text) : (parseAccount(text) ?? text)
}
