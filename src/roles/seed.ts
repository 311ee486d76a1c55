import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import { SEEDING } from '../audit/entry/standing.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Account } from '../kernel/account.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Reader } from '../storage/contract.ts'
import { unblockBySystem } from './access-service.ts'
import { endProbation } from './new-owner.repository.ts'
import { activeOwners } from './owners.ts'
import { findPerson } from './person.ts'
import { atLeast, compareRoles, type Role } from './role.ts'
import { setRoleBySystem } from './role-service.ts'
import { findUser, markSeeded, seededRoles } from './stored-user.repository.ts'
import { effectiveRole, TRIAL_OWNER } from './user.ts'

export interface Seeds {
  readonly accounts: readonly (readonly [Account, Role])[]
  /** Make the terminal's operator an owner where there is none. */
  readonly trialOwner: boolean
  /** Give the accounts their roles also if they were seeded before. */
  readonly force: boolean
}

/**
 * Gives the configured accounts their roles, each once: who was demoted in the chat does not come back by a restart.
 * Seeding raises a role and never lowers one. A real owner takes the trial owner's place.
 */
export async function seed(writer: AuditWriter, reader: Reader, seeds: Seeds, clock: Clock): Promise<void> {
  if (!(await isNeeded(reader, seeds, clock.now()))) return
  await writer.transaction(async (tx) => {
    for (const [account, role] of await due(tx.db, seeds)) await seedOne(tx, account, role, clock)
    const trial = await findUser(tx.db, TRIAL_OWNER)
    const hasOwner = (await activeOwners(tx.db, clock.now())).length > 0
    if (!hasOwner && seeds.trialOwner) await setRoleBySystem(tx, TRIAL_OWNER, 'OWNER', 'trial owner', clock)
    if (hasOwner && seedsOwner(seeds) && trial?.role === 'OWNER')
      await setRoleBySystem(tx, TRIAL_OWNER, 'USER', 'a real owner was seeded', clock)
  })
}

/** Whether anything is to be done, asked without the write lock: most starts have nothing to seed. */
async function isNeeded(reader: Reader, seeds: Seeds, now: number): Promise<boolean> {
  if ((await due(reader, seeds)).length > 0) return true
  const isTrialOwner = (await findUser(reader, TRIAL_OWNER))?.role === 'OWNER'
  const hasOwner = (await activeOwners(reader, now)).length > 0
  return isTrialOwner ? hasOwner && seedsOwner(seeds) : !hasOwner && seeds.trialOwner
}

const seedsOwner = ({ accounts }: Seeds): boolean =>
  accounts.some(([account, role]) => role === 'OWNER' && account !== TRIAL_OWNER)

/** The accounts that were never seeded, or with a lower role than they are given now. */
async function due(db: Pick<Reader, 'seededAccount'>, { accounts, force }: Seeds) {
  if (force || accounts.length === 0) return accounts
  const seeded = await seededRoles(
    db,
    accounts.map(([account]) => account),
  )
  return accounts.filter(([account, role]) => compareRoles(role, seeded.get(account) ?? 'NONE') > 0)
}

async function seedOne(tx: AuditTransaction, account: Account, role: Role, clock: Clock): Promise<void> {
  const current = effectiveRole(await findUser(tx.db, account))
  const isRaised = compareRoles(role, current) > 0
  if (isRaised) await setRoleBySystem(tx, account, role, SEEDING, clock)
  // Whoever is to administer the bot may have been blocked while nobody knew them.
  if (atLeast(role, 'ADMIN')) await unblockBySystem(tx, account, clock)
  // Who runs the bot vouches for them.
  const { userId } = await findPerson(tx.db, account)
  const isVouched = role === 'OWNER' && userId !== undefined && (await endProbation(tx.db, userId))
  const isNews = isVouched || (await seededRoles(tx.db, [account])).get(account) !== role
  // Who has the role already is not given it, and yet it was the configuration's to give.
  if (!isRaised && isNews)
    await tx.append(auditEvent('ROLE_SEEDED', SYSTEM, SYSTEM_PLACE, { targetUser: account, role }, userId))
  await markSeeded(tx.db, account, role, new Date(clock.now()))
}
