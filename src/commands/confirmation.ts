import { randomInt } from 'node:crypto'
import { type Actor, auditEvent } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { type Account, platformOf } from '../kernel/account.ts'
import { DAY, HOUR, MINUTE } from '../kernel/clock.ts'
import { newId } from '../kernel/ids.ts'
import type { Source } from '../kernel/message.ts'
import { stillNew } from '../roles/new-owner.repository.ts'
import { activeOwners } from '../roles/owners.ts'
import { realOwners } from '../roles/stored-user.repository.ts'
import type { User } from '../roles/user.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import type { Unable } from '../text/english/confirm.ts'
import { actedBy } from './acted-by.ts'
import type { Caller, CommandContext, Outcome, Services } from './command.ts'
import { forgetRequests, OPERATOR, saveConfirmations, sealOf } from './confirmation.repository.ts'
import { reachableOwners } from './owners.ts'

/** Of what somebody confirms themself. */
const ALONE = 5 * MINUTE
/** Of what another owner is asked for, who may be asleep or on a journey. */
const BY_ANOTHER = 72 * HOUR
const REMINDER = DAY

interface Asked {
  readonly command: string
  readonly values: Readonly<Record<string, unknown>>
  /** What it concerns, for the trail. */
  readonly subject: string
  /** What it would do, for people. */
  readonly what: string
  /** Whom it is about, by the ids of their users, who may not decide it. */
  readonly notBy?: readonly (string | undefined)[]
}

/**
 * Puts a command off until somebody has sent a code: another owner where there is one, else the caller. Every owner
 * gets a code of their own, in private; all of them are told. Where none can or does, whoever runs the bot decides.
 */
export async function askConfirmation(
  context: CommandContext,
  tx: AuditTransaction,
  { actor, place }: Caller,
  { notBy = [], ...asked }: Asked,
): Promise<Outcome> {
  const { db } = tx
  const { texts, clock, prefix } = context
  const { what } = asked
  // Only owners come here, and those are users.
  const requestedBy = actor.userId ?? actor.account
  const others = await judgeOthers(tx, context, { requestedBy, notBy, source: place.source })
  const isAlone = others.length === 0
  const able = others.filter(({ why }) => why === undefined)
  const people = isAlone ? [{ id: requestedBy, account: actor.account as Account }] : able
  const remindAt = isAlone ? null : new Date(clock.now() + REMINDER)
  const expiresAt = new Date(clock.now() + (isAlone ? ALONE : BY_ANOTHER))
  const codes = people.map(({ id, account }) => ({ confirmer: id, account, code: newCode(), remindAt }))
  const operators = isAlone ? [] : [{ confirmer: OPERATOR, code: newCode(), remindAt: expiresAt }]
  await forgetRequests(db, { requestedBy, ...asked })
  const request = { requestId: newId(), requestedBy, ...asked, expiresAt }
  const { command, subject } = asked
  const seals = [...codes, ...operators].map((each) => sealOf({ ...each, ...request }))
  const said = { command, subject, until: expiresAt.toISOString(), seals }
  const { seq: requestSeq } = await tx.append(auditEvent('CONFIRMATION_REQUESTED', actor, place, said))
  await saveConfirmations(db, [...codes, ...operators], { ...request, requestSeq })
  const lines = (code: string) => texts.confirm.ask(what, actedBy(actor, texts), `${prefix} confirm ${code}`, isAlone)
  if (isAlone) return { kind: 'answered', text: lines(codes[0]?.code ?? '') }
  // Keeping the others out must not be a way to decide alone.
  if (codes.length === 0) return { kind: 'not-found', text: texts.confirm.nobodyElse(what, others.filter(isUnable)) }
  return {
    kind: 'answered',
    text: texts.confirm.askedOthers(
      what,
      codes.map(({ account }) => account),
    ),
    notes: codes.map(({ account, code }) => ({ account, text: lines(code), role: 'OWNER' })),
  }
}

interface Other {
  readonly id: string
  readonly account: Account
  /** Why they can't confirm; `undefined` if they can. */
  readonly why: Unable | undefined
}
const isUnable = (other: Other): other is Other & { readonly why: Unable } => other.why !== undefined

/** Every other owner, blocked or not: a block lets nobody decide alone. */
const otherOwners = async (db: WriteTransaction, userId: string): Promise<User[]> =>
  (await realOwners(db)).filter(({ id }) => id !== userId)

/** The same, each with what keeps them from confirming. */
async function judgeOthers(
  tx: AuditTransaction,
  { clock, probation }: Services,
  { requestedBy, notBy, source }: { requestedBy: string; notBy: readonly (string | undefined)[]; source: Source },
): Promise<Other[]> {
  const { db } = tx
  const newOwners = await stillNew(tx, probation)
  const idsOf = (users: readonly User[]) => new Set(users.map(({ id }) => id))
  const active = idsOf(await activeOwners(db, clock.now()))
  const reachable = idsOf(await reachableOwners(db, clock.now()))
  const why = ({ id, account }: User): Unable | undefined => {
    if (notBy.includes(id)) return 'concerned'
    if (newOwners.has(id)) return 'new'
    if (!active.has(id)) return 'blocked'
    if (!reachable.has(id)) return 'in-doubt'
    return isToldBy(source, account) ? undefined : 'elsewhere'
  }
  const others = await otherOwners(db, requestedBy)
  return others.map((other) => ({ id: other.id, account: other.account, why: why(other) }))
}

/**
 * Why somebody can't confirm what an owner asked for, now that they send its code, if they can't: much can have changed since
 * they got it.
 */
export async function whyNotBy(
  tx: AuditTransaction,
  { userId }: Actor,
  requestedBy: string,
  { probation }: Services,
): Promise<'notAlone' | 'newOwner' | undefined> {
  // Whoever runs the bot may always.
  if (userId === undefined) return undefined
  if (userId === requestedBy) return (await otherOwners(tx.db, userId)).length > 0 ? 'notAlone' : undefined
  return (await stillNew(tx, probation)).has(userId) ? 'newOwner' : undefined
}

/** WhatsApp delivers nothing to accounts of other platforms; a host does, or says so. */
export const isToldBy = (source: Source, account: Account): boolean =>
  source !== 'whatsapp' || ['', 'whatsapp'].includes(platformOf(account))

const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0')
