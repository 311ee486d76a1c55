import { type AuditEvent, auditEvent } from '../audit/entry/entry.ts'
import type { AuditEvents } from '../audit/write/audit-logger.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Logger } from '../kernel/log.ts'
import type { Handled, Reply, Source } from '../kernel/message.ts'
import { hasEnded, removeBlock } from '../roles/block.repository.ts'
import { senderKey } from '../roles/person.ts'
import type { RefusalReason } from '../roles/refusal.repository.ts'
import { atLeast, type Role } from '../roles/role.ts'
import { findUser, saveName } from '../roles/stored-user.repository.ts'
import { isQuiet, refusalOf, refuse } from './admission.ts'
import { callerOf } from './caller.ts'
import type { Caller, Commit, Outcome, Services } from './command.ts'
import { recordDenial } from './denials.ts'
import { pinIdentity } from './identity-denial.ts'
import { claim, wasProcessed } from './inbox.repository.ts'
import { keepReplies } from './outbox.repository.ts'
import { savePosition } from './pages.ts'
import { repliesTo, toNote } from './replies.ts'
import type { Invocation, Request } from './request.ts'
import { UnwrittenDenials } from './unwritten-denials.ts'

const TURNED_AWAY: Handled = { status: 'blocked', replies: [] }
const SILENT: Handled = { status: 'denied', replies: [] }
const DUPLICATE: Handled = { status: 'duplicate', replies: [] }

interface Committed extends Handled {
  /** Where the next page begins, if there is one. */
  readonly position?: string | undefined
}

/** Makes of a command, its entries, the message's id and its kept replies one commit: all of it happens, or nothing. */
export class Committer {
  readonly #writer: AuditWriter
  readonly #events: AuditEvents
  readonly #services: Services
  readonly #log: Logger
  readonly #notesBy: Source | undefined
  readonly #unwritten = new UnwrittenDenials()

  /** `notesBy`: the chat by which people other than the caller are told something, whatever chat the caller is in. */
  constructor(writer: AuditWriter, events: AuditEvents, services: Services, log: Logger, notesBy: Source | undefined) {
    this.#writer = writer
    this.#events = events
    this.#services = services
    this.#log = log
    this.#notesBy = notesBy
  }

  /** `sensitive`: whether what it comes to is for the sender alone. */
  async commit(
    request: Request,
    commit: Commit,
    invocation?: Invocation,
    sensitive = invocation?.command.sensitive ?? false,
  ): Promise<Committed> {
    const { clock, settings } = this.#services
    const now = clock.now()
    const committed = await this.#writer.transaction(async (tx): Promise<Committed> => {
      if (!(await claim(tx.db, request.message, new Date(now)))) return DUPLICATE
      const caller = await callerOf(request.message, tx.db)
      const told = await pinIdentity(tx, caller, this.#services, now)
      const outcome = await this.#carryOut(tx, request, caller, commit, invocation, now)
      const replies = [...repliesTo(outcome, sensitive), ...told.map(toNote)]
      const role = invocation?.command.sensitive ? invocation.command.role : undefined
      const kept = await this.#keep(tx, request, replies, role, now)
      return {
        status: outcome.kind,
        replies: kept,
        ...(outcome.kind === 'answered' && { position: outcome.position }),
      }
    })
    await settings.settle()
    return committed
  }

  /** Turns away somebody who may not use the bot: told once, an entry once an hour, and nothing else. */
  async refuse(request: Request, caller: Caller, reason: RefusalReason): Promise<Handled> {
    const { message } = request
    const now = this.#services.clock.now()
    try {
      if (await isQuiet(caller, reason, this.#services)) return TURNED_AWAY
      return await this.#writer.transaction(async (tx) => {
        if (await wasProcessed(tx.db, message)) return DUPLICATE
        const text = await refuse(tx, caller, reason, this.#services)
        if (text === undefined) return TURNED_AWAY
        await claim(tx.db, message, new Date(now))
        const reply: Reply = { audience: reason === 'BLOCKED' ? 'sender' : 'chat', text }
        return { status: 'blocked', replies: await this.#keep(tx, request, [reply], undefined, now) }
      })
    } catch (err) {
      // Without its entry they are turned away all the same.
      this.#log.error({ err, message: message.id }, 'That somebody was turned away could not be written')
      return TURNED_AWAY
    }
  }

  /** Refuses before anything is read or done. `notes` are for others than the caller, in the same commit. */
  async deny(
    request: Request,
    denial: AuditEvent,
    text: string,
    notes: (tx: AuditTransaction) => Promise<readonly Reply[]> = async () => [],
  ): Promise<Handled> {
    const { message } = request
    const now = this.#services.clock.now()
    const answer: Reply = { audience: 'chat', text }
    try {
      return await this.#writer.transaction(async (tx) => {
        if (await wasProcessed(tx.db, message)) return DUPLICATE
        // What is not answered leaves no trace but a count, so that a stranger can't fill the disk.
        if (!(await recordDenial(tx, denial, now))) return SILENT
        await claim(tx.db, message, new Date(now))
        return {
          status: 'denied',
          replies: await this.#keep(tx, request, [answer, ...(await notes(tx))], undefined, now),
        }
      })
    } catch (error) {
      // Without its entry a denial is still a denial.
      this.#log.error({ err: error, message: message.id }, 'A denial could not be written')
      await this.#events.record(denial)
      return this.#unwritten.allows(senderKey(denial.actor), now) ? { status: 'denied', replies: [answer] } : SILENT
    }
  }

  async #carryOut(
    tx: AuditTransaction,
    { message }: Request,
    caller: Caller,
    commit: Commit,
    invocation: Invocation | undefined,
    now: number,
  ): Promise<Outcome> {
    // Who acts again is counted on: a clock that is set back must not bring back a block that has ended.
    if (caller.block !== undefined && hasEnded(caller.block, now)) await removeBlock(tx.db, caller.block.account)
    const { userId } = caller.actor
    if (userId !== undefined && caller.newName !== undefined) await saveName(tx.db, userId, caller.newName)
    const outcome = this.#lateDenial(caller, invocation) ?? (await commit(tx, caller))
    if (outcome.kind === 'denied') {
      const subject = outcome.target && (await findUser(tx.db, outcome.target))
      const isAnswered = await recordDenial(tx, denialOf(caller, outcome, subject?.id), now)
      return isAnswered ? outcome : { ...outcome, text: '' }
    }
    if (outcome.kind === 'answered' && invocation !== undefined)
      await savePosition(tx, senderKey(caller.actor), message, invocation, outcome.position, now)
    return outcome
  }

  /** What somebody hears who lost the right to it since they asked: an export takes a while. */
  #lateDenial(caller: Caller, invocation: Invocation | undefined): Outcome | undefined {
    if (invocation === undefined) return undefined
    const { command } = invocation
    const attemptedAction = command.attemptedAction([])
    const text = command.denial(this.#services.texts)
    const refusal = refusalOf(caller, this.#services)
    if (refusal !== undefined) return { kind: 'denied', text, attemptedAction, reason: refusal }
    return atLeast(caller.role, command.role)
      ? undefined
      : { kind: 'denied', text, attemptedAction, reason: 'ROLE_TOO_LOW' }
  }

  /** @returns the replies that whoever handed over the message has to deliver. */
  async #keep(
    tx: AuditTransaction,
    { message, keepsReplies }: Request,
    replies: readonly Reply[],
    role: Role | undefined,
    now: number,
  ): Promise<readonly Reply[]> {
    const createdAt = new Date(now)
    if (keepsReplies) return keepReplies(tx, message.source, message, replies, role, this.#services.instance, createdAt)
    if (this.#notesBy === undefined) return replies
    const notes = replies.filter(({ audience }) => typeof audience === 'object')
    await keepReplies(tx, this.#notesBy, message, notes, undefined, null, createdAt)
    return replies.filter((reply) => !notes.includes(reply))
  }
}

const denialOf = ({ actor, place }: Caller, outcome: Outcome & { kind: 'denied' }, subjectId?: string): AuditEvent => {
  const { attemptedAction, reason, target } = outcome
  return auditEvent('PERMISSION_DENIED', actor, place, { attemptedAction, reason, targetUser: target }, subjectId)
}
