import { trailPhone } from '../../audit/entry/audit-filter.ts'
import { actorOf, type Person } from '../../audit/write/audit-logger.ts'
import type { AuditWriter } from '../../audit/write/audit-writer.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { isPhone } from '../../kernel/phone.ts'
import { activeBlock } from '../../roles/block.repository.ts'
import { compareRoles, isRole, type Role } from '../../roles/role.ts'
import { changeRole } from '../../roles/role-service.ts'
import { countByRole, findUser, findUserById, usersWithRole } from '../../roles/stored-user.repository.ts'
import { effectiveRole, type User } from '../../roles/user.ts'
import type { Reader } from '../../storage/contract.ts'

/** The users, for the host. Numbers are accepted in any form; every change obeys the policy and is an entry. */
export class UserRepository {
  readonly #reader: Reader
  readonly #writer: AuditWriter
  readonly #clock: Clock

  constructor(reader: Reader, writer: AuditWriter, clock: Clock) {
    this.#reader = reader
    this.#writer = writer
    this.#clock = clock
  }

  findByPhoneNumber(phoneNumber: string): Promise<User | undefined> {
    return findUser(this.#reader, trailPhone(phoneNumber))
  }

  findById(id: string): Promise<User | undefined> {
    return findUserById(this.#reader, id)
  }

  /** Users of one role, by number; the next page starts after the last number of this one. */
  findByRole(role: Role, limit = 50, afterPhoneNumber = ''): Promise<User[]> {
    return usersWithRole(this.#reader, role, limit, afterPhoneNumber)
  }

  countByRole(): Promise<Record<Role, number>> {
    return countByRole(this.#reader)
  }

  /**
   * Gives somebody a role, adding them if need be, as the person who decided it. A role they already have is no
   * change and no entry.
   * @throws {ChatwardenError} `NOT_PERMITTED` by the policy; `INVALID_ARGUMENT` for what is no phone number or no role.
   */
  async changeRole(of: { performedBy: Person; phoneNumber: string; newRole: Role }): Promise<void> {
    const target = trailPhone(of.phoneNumber)
    if (!isPhone(target))
      throw new ChatwardenError('INVALID_ARGUMENT', `${JSON.stringify(of.phoneNumber)} is not a phone number.`)
    if (!isRole(of.newRole))
      throw new ChatwardenError('INVALID_ARGUMENT', `${JSON.stringify(of.newRole)} is not a role.`)
    const result = await this.#writer.transaction(async (tx) => {
      const performer = await findUser(tx.db, trailPhone(of.performedBy.phoneNumber))
      if (performer !== undefined && (await activeBlock(tx.db, performer.phoneNumber, this.#clock.now())))
        throw new ChatwardenError('NOT_PERMITTED', 'BLOCKED')
      const actor = actorOf({ ...of.performedBy, id: performer?.id, role: effectiveRole(performer) })
      const current = effectiveRole(await findUser(tx.db, target))
      const direction = compareRoles(of.newRole, current) >= 0 ? 'promote' : 'demote'
      return changeRole(
        tx,
        { actor, place: { source: 'api', requestId: newId() }, target, wanted: of.newRole, direction },
        this.#clock,
      )
    })
    if (result.kind === 'denied') throw new ChatwardenError('NOT_PERMITTED', result.reason)
  }
}
