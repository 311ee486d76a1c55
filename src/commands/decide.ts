import type { Actor } from '../audit/entry/entry.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { Source } from '../kernel/message.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import type { Caller, CommandContext, Outcome, Services } from './command.ts'
import { carryOut } from './confirm.ts'
import { OPERATOR, waitingRequests } from './confirmation.repository.ts'
import { keepNotes } from './keep-notes.ts'
import { findCommand } from './registry.ts'

/** What an owner asked for and another has to confirm, as the operator sees it. */
export interface WaitingRequest {
  /** With which the operator confirms it. */
  readonly code: string
  /** Its name, such as `role promote`. */
  readonly command: string
  /** What it would do, for people. */
  readonly what: string
  /** The account of who asked. */
  readonly requestedBy: string
  readonly expiresAt: Date
}

/** What waits for another owner, what expires first first. */
export async function waiting({ reader, clock }: Asking): Promise<WaitingRequest[]> {
  const requests = await waitingRequests(reader, clock.now())
  return Promise.all(
    requests.map(async (request) => {
      const { code, command, what, requestedBy, expiresAt } = request
      const asker = await findUserById(reader, requestedBy)
      return { code, command, what, requestedBy: asker?.account ?? requestedBy, expiresAt }
    }),
  )
}

type Asking = Pick<Services, 'reader' | 'clock'>

/**
 * Confirms what an owner asked for, as whoever runs the bot: for where no other owner can, or answers. The entry names
 * the operator; the owners are told. `notesBy`: the chat by which.
 */
export async function decideAsOperator(
  code: string,
  operator: Actor,
  writer: AuditWriter,
  services: Services,
  notesBy: Source | undefined,
): Promise<Outcome> {
  const caller: Caller = {
    account: undefined,
    role: 'OWNER',
    actor: operator,
    place: { source: 'cli' },
    block: undefined,
    whitelisted: true,
    first: undefined,
    unverified: false,
    changed: undefined,
    newName: undefined,
  }
  const context: CommandContext = {
    ...services,
    logs: services.logsFor('OWNER'),
    caller,
    requestedBy: undefined,
    isChanged: async () => false,
    command: findCommand,
    understand: () => undefined,
    position: undefined,
    outgoingFile: () => Promise.reject(new Error('Nothing that waits for a code hands over a file.')),
    progress: () => {},
  }
  const commit = await carryOut(context, OPERATOR, code)
  const outcome = await writer.transaction(async (tx) => {
    const done = await commit(tx, caller)
    if (done.kind === 'answered' && notesBy !== undefined)
      await keepNotes(tx, notesBy, done.notes ?? [], services.clock.now())
    return done
  })
  await services.settings.settle()
  return outcome
}
