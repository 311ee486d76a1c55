import { trailAccount } from '../../audit/entry/audit-filter.ts'
import { auditEvent } from '../../audit/entry/entry.ts'
import { accountOfPerson, actorOf, type Person } from '../../audit/write/audit-logger.ts'
import type { AuditWriter } from '../../audit/write/audit-writer.ts'
import { recordDenial } from '../../commands/denials.ts'
import { attemptedChange } from '../../commands/role/change.ts'
import { type Account, parseAccount } from '../../kernel/account.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { activeBlocks } from '../../roles/block.repository.ts'
import { findPerson } from '../../roles/person.ts'
import { compareRoles, isRole, type Role } from '../../roles/role.ts'
import { changeRole } from '../../roles/role-service.ts'
import { countByRole, findUser, findUserById, usersWithRole } from '../../roles/stored-user.repository.ts'
import { effectiveRole, type User } from '../../roles/user.ts'
import type { Reader } from '../../storage/contract.ts'

const BLOCKED = { kind: 'denied', reason: 'BLOCKED' } as const

/** The users, for the host. Accounts are accepted in the forms of `Person.account`; every change obeys the policy and is an entry. */
export class UserRepository {
  readonly #reader: Reader
  readonly #writer: AuditWriter
  readonly #clock: Clock

  constructor(reader: Reader, writer: AuditWriter, clock: Clock) {
    this.#reader = reader
    this.#writer = writer
    this.#clock = clock
  }

  /** Whose an account is. */
  findByAccount(account: string): Promise<User | undefined> {
    return findUser(this.#reader, parseAccount(account) ?? account)
  }

  /** The same by document 002's name. */
  findByPhoneNumber(phoneNumber: string): Promise<User | undefined> {
    return findUser(this.#reader, trailAccount(phoneNumber))
  }

  findById(id: string): Promise<User | undefined> {
    return findUserById(this.#reader, id)
  }

  /** Users of one role, who was added first first; the next page starts after the id of the last user of this one. */
  findByRole(role: Role, limit = 50, afterId = ''): Promise<User[]> {
    return usersWithRole(this.#reader, role, limit, afterId)
  }

  countByRole(): Promise<Record<Role, number>> {
    return countByRole(this.#reader)
  }

  /**
   * Gives somebody a role, adding them if need be, as the person who decided it. A role they already have is no
   * change and no entry.
   * @throws {ChatwardenError} `NOT_PERMITTED` by the policy, which is an entry, or of many at once a count, as in a chat;
   * `INVALID_ARGUMENT` for what is no account or no role.
   */
  async changeRole(
    of: { performedBy: Person; newRole: Role } & Pick<Person, 'account' | 'phoneNumber'>,
  ): Promise<void> {
    const named = of.account ?? of.phoneNumber ?? ''
    // Bare digits may be somebody else's number, which in the trail they would only be called.
    const target = parseAccount(named)
    if (target === undefined) throw new ChatwardenError('INVALID_ARGUMENT', `${JSON.stringify(named)} is no account.`)
    if (!isRole(of.newRole))
      throw new ChatwardenError('INVALID_ARGUMENT', `${JSON.stringify(of.newRole)} is not a role.`)
    const result = await this.#writer.transaction(async (tx) => {
      const performer = await findPerson(tx.db, accountOfPerson(of.performedBy) as Account)
      const actor = actorOf({ ...of.performedBy, id: performer.userId, role: effectiveRole(performer.user) })
      const place = { source: 'api', requestId: newId() }
      const person = await findUser(tx.db, target)
      const current = effectiveRole(person)
      const direction = compareRoles(of.newRole, current) >= 0 ? 'promote' : 'demote'
      const isBlocked = (await activeBlocks(tx.db, performer, this.#clock.now())).length > 0
      const request = { actor, place, target, wanted: of.newRole, direction } as const
      const result = isBlocked ? BLOCKED : await changeRole(tx, request, this.#clock)
      if (result.kind === 'denied') {
        const attemptedAction = attemptedChange(direction, direction === 'promote' ? of.newRole : current)
        const why = { attemptedAction, reason: result.reason, targetUser: target }
        await recordDenial(tx, auditEvent('PERMISSION_DENIED', actor, place, why, person?.id), this.#clock.now())
      }
      return result
    })
    if (result.kind === 'denied') throw new ChatwardenError('NOT_PERMITTED', result.reason)
  }
}
