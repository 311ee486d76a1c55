import { randomInt } from 'node:crypto'
import { auditEvent } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { type Account, platformOf } from '../kernel/account.ts'
import { MINUTE } from '../kernel/clock.ts'
import { newId } from '../kernel/ids.ts'
import type { Source } from '../kernel/message.ts'
import { realOwners } from '../roles/stored-user.repository.ts'
import { actedBy } from './acted-by.ts'
import type { Caller, CommandContext, Outcome } from './command.ts'
import { forgetRequests, saveConfirmations } from './confirmation.repository.ts'
import { reachableOwners } from './owners.ts'

const VALID = 5 * MINUTE

interface Asked {
  readonly command: string
  readonly values: Readonly<Record<string, unknown>>
  /** What it concerns, for the trail. */
  readonly subject: string
  /** What it would do, for people. */
  readonly what: string
  /** Whom it is about, by the id of their user, who may not decide it. */
  readonly notBy?: string | undefined
}

/**
 * Puts a command off until somebody has sent a code: another owner where there is one, else the caller. Every owner
 * gets a code of their own, in private; all of them are told.
 */
export async function askConfirmation(
  { texts, clock, prefix }: CommandContext,
  tx: AuditTransaction,
  { actor, place }: Caller,
  { what, subject, notBy, ...asked }: Asked,
): Promise<Outcome> {
  const { db } = tx
  // Only owners come here, and those are users.
  const requestedBy = actor.userId ?? actor.account
  const others = (await realOwners(db)).filter(({ id }) => id !== requestedBy)
  const able = (await reachableOwners(db, clock.now())).filter(
    ({ id, account }) => id !== requestedBy && id !== notBy && isToldBy(place.source, account),
  )
  // Keeping the others out must not be a way to decide alone.
  if (others.length > 0 && able.length === 0) return { kind: 'not-found', text: texts.confirm.nobodyElse(what) }
  const confirmers = able.length > 0 ? able : [{ id: requestedBy, account: actor.account as Account }]
  const codes = confirmers.map(({ id, account }) => ({ confirmer: id, account, code: newCode() }))
  const expiresAt = new Date(clock.now() + VALID)
  await forgetRequests(db, requestedBy, asked.command)
  await saveConfirmations(db, codes, { requestId: newId(), requestedBy, ...asked, expiresAt })
  await tx.append(auditEvent('CONFIRMATION_REQUESTED', actor, place, { command: asked.command, subject }))
  const lines = (code: string) => texts.confirm.ask(what, actedBy(actor, texts), `${prefix} confirm ${code}`)
  const own = codes.find(({ confirmer }) => confirmer === requestedBy)
  if (own !== undefined) return { kind: 'answered', text: lines(own.code) }
  return {
    kind: 'answered',
    text: texts.confirm.askedOthers(what, codes.length),
    notes: codes.map(({ account, code }) => ({ account, text: lines(code), role: 'OWNER' })),
  }
}

/** WhatsApp delivers nothing to accounts of other platforms; a host does, or says so. */
const isToldBy = (source: Source, account: Account): boolean =>
  source !== 'whatsapp' || ['', 'whatsapp'].includes(platformOf(account))

const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0')
