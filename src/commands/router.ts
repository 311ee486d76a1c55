import type { AuditEvents } from '../audit/audit-logger.ts'
import type { AuditWriter } from '../audit/audit-writer.ts'
import { auditEvent } from '../audit/entry.ts'
import { tell } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import { type Handled, type IncomingMessage, MAX_REPLY_LENGTH, type Reply } from '../kernel/message.ts'
import { atLeast } from '../roles/role.ts'
import { saveName } from '../roles/user.repository.ts'
import { callerNow, callerOf, quotedPhone, resolvedMentions } from './caller.ts'
import type { Caller, Command, Commit, Outcome, Services } from './command.ts'
import { type Denial, recordDenial } from './denials.ts'
import { help } from './help.ts'
import { claim, wasProcessed } from './inbox.repository.ts'
import { Outgoing } from './outgoing.ts'
import { findCursor, saveCursor } from './page-cursor.repository.ts'
import { PagedChats } from './paged-chats.ts'
import { type Parsed, parseArguments } from './parse-arguments.ts'
import { commandName, findCommand, GROUPS, usageOf } from './registry.ts'
import { type Resolved, resolve } from './resolve.ts'
import { afterPrefix, tokenize } from './tokenize.ts'

/** Called with what is worth saying before a command is done. */
export type OnProgress = (reply: Reply) => void

/** A command with its arguments read, about to run. */
interface Invocation {
  readonly command: Command
  readonly values: Readonly<Record<string, unknown>>
  readonly position?: string
}

const SILENT: Handled = { status: 'denied', replies: [] }
const DUPLICATE: Handled = { status: 'duplicate', replies: [] }
const IGNORED: Handled = { status: 'ignored', replies: [] }

/**
 * Takes a message through everything between a chat and a command: dedupe, identity, command, permission,
 * arguments, run, and the commit that holds its effect, its entries and the message's id together.
 */
export class Router {
  readonly #writer: AuditWriter
  readonly #events: AuditEvents
  readonly #services: Services
  readonly #log: Logger
  readonly #outgoingDirectory: string
  readonly #paged: PagedChats

  constructor(writer: AuditWriter, events: AuditEvents, services: Services, log: Logger, outgoingDirectory: string) {
    this.#writer = writer
    this.#events = events
    this.#services = services
    this.#log = log
    this.#outgoingDirectory = outgoingDirectory
    this.#paged = new PagedChats(services.clock)
  }

  /** Whether a message is a command, so that a host can leave it alone. Never a promise. */
  isCommand(message: Pick<IncomingMessage, 'text'> & Partial<IncomingMessage>): boolean {
    const { text, source, chat, sender } = message
    if (typeof text !== 'string') return false
    if (afterPrefix(text, this.#services.prefix) !== undefined) return true
    if (!isBareMore(text) || source === undefined || chat === undefined || sender === undefined) return false
    return this.#paged.expectsMore(sender, chatOf({ source, chat }))
  }

  /** Handles one message. Never rejects: whatever goes wrong is one of the ways a message can end. */
  async handle(message: IncomingMessage, onProgress: OnProgress = () => {}): Promise<Handled> {
    try {
      return await this.#route(message, onProgress)
    } catch (error) {
      const { chat, reference } = tell(error)
      this.#log.error({ err: error, reference, message: message.id }, 'A command failed')
      return { status: 'failed', replies: [{ audience: 'chat', text: chat }] }
    }
  }

  async #route(message: IncomingMessage, onProgress: OnProgress): Promise<Handled> {
    const { reader, prefix } = this.#services
    // A host in JavaScript may hand over a message without text, such as a picture.
    if (typeof message.text !== 'string') return IGNORED
    const isBare = isBareMore(message.text)
    const rest = afterPrefix(message.text, prefix) ?? (isBare ? message.text : undefined)
    if (rest === undefined) return IGNORED
    if (await wasProcessed(reader, message)) return DUPLICATE
    const caller = await callerOf(message, reader)
    if (isBare && (await this.#cursor(message, caller)) === undefined) return IGNORED
    const resolved = resolve(tokenize(rest), caller.role)
    switch (resolved.kind) {
      case 'denied':
        return this.#deny(message, caller, resolved)
      case 'help':
        return this.#say(message, caller, 'answered', help(resolved.topic, caller.role, this.#services.texts, prefix))
      case 'unknown':
        return this.#say(message, caller, 'usage', this.#unknown(resolved))
      case 'more':
        return this.#more(message, caller, onProgress)
      case 'command':
        return this.#parse(message, caller, resolved.command, resolved.rest, onProgress)
    }
  }

  async #parse(
    message: IncomingMessage,
    caller: Caller,
    command: Command,
    words: readonly string[],
    onProgress: OnProgress,
  ) {
    const { defaultCountry } = this.#services
    const context = { defaultCountry, quotedPhone: quotedPhone(message), mentions: resolvedMentions(message) }
    const parsed = parseArguments(command, words, context)
    if (parsed.kind === 'parsed') return this.#run(message, caller, { command, values: parsed.values }, onProgress)
    return this.#say(message, caller, 'usage', this.#usage(command, parsed))
  }

  /** The next page: the same command by the same rules, as if it had been sent again. */
  async #more(message: IncomingMessage, caller: Caller, onProgress: OnProgress): Promise<Handled> {
    const cursor = await this.#cursor(message, caller)
    const command = cursor && findCommand(cursor.command)
    if (cursor === undefined || command === undefined)
      return this.#say(message, caller, 'usage', this.#services.texts.help.nothingMore)
    const resolved = resolve(command.words, caller.role)
    if (resolved.kind === 'denied') return this.#deny(message, caller, resolved)
    return this.#run(message, caller, { command, values: cursor.values, position: cursor.position }, onProgress)
  }

  async #run(
    message: IncomingMessage,
    caller: Caller,
    invocation: Invocation,
    onProgress: OnProgress,
  ): Promise<Handled> {
    const { command, values, position } = invocation
    const audience = command.sensitive ? 'sender' : 'chat'
    const outgoing = new Outgoing(this.#outgoingDirectory)
    try {
      const commit = await command.run(
        {
          ...this.#services,
          caller,
          position,
          outgoingFile: (name) => outgoing.file(name),
          progress: (text) => onProgress({ audience, text }),
        },
        values as never,
      )
      const handled = await this.#commit(message, caller, commit, invocation)
      if (handled.status !== 'answered') await outgoing.discard()
      return handled
    } catch (error) {
      await outgoing.discard()
      throw error
    }
  }

  /** One transaction: the message is claimed, the command takes effect, its entries are written; or nothing. */
  async #commit(message: IncomingMessage, caller: Caller, commit: Commit, invocation?: Invocation): Promise<Handled> {
    const now = this.#services.clock.now()
    const outcome = await this.#writer.transaction(async (tx): Promise<Outcome | undefined> => {
      if (!(await claim(tx.db, message, new Date(now)))) return undefined
      if (caller.phone !== undefined && caller.newName !== undefined)
        await saveName(tx.db, caller.phone, caller.newName)
      const current = await callerNow(caller, tx.db)
      const outcome = isDemoted(current, invocation)
        ? roleDenial(invocation.command, this.#services.texts)
        : await commit(tx, current)
      if (outcome.kind === 'denied' && !(await recordDenial(tx, current, outcome, now))) return { ...outcome, text: '' }
      if (outcome.kind === 'answered' && caller.phone !== undefined && invocation !== undefined)
        for (const chat of pagedIn(message, invocation))
          await saveCursor(tx.db, caller.phone, chat, nextPage(invocation, outcome.position), now)
      return outcome
    })
    if (outcome === undefined) return DUPLICATE
    if (outcome.kind === 'answered' && invocation !== undefined)
      for (const chat of pagedIn(message, invocation))
        this.#paged.note(message.sender, chat, outcome.position !== undefined)
    return { status: outcome.kind, replies: replies(outcome, invocation?.command.sensitive ?? false) }
  }

  #say(message: IncomingMessage, caller: Caller, kind: 'answered' | 'usage', text: string): Promise<Handled> {
    return this.#commit(message, caller, async () => ({ kind, text }))
  }

  async #deny(
    message: IncomingMessage,
    caller: Caller,
    { command, group, rest }: Resolved & { kind: 'denied' },
  ): Promise<Handled> {
    const { texts, clock } = this.#services
    const denial: Denial = {
      attemptedAction: command?.attemptedAction(rest) ?? 'UNKNOWN_COMMAND',
      reason: 'ROLE_TOO_LOW',
    }
    const describe = group === undefined ? command?.denial : GROUPS[group]?.denial
    const text = describe?.(texts) ?? texts.denied.anything
    const answer: Handled = { status: 'denied', replies: [{ audience: 'chat', text }] }
    try {
      return await this.#writer.transaction(async (tx) => {
        if (await wasProcessed(tx.db, message)) return DUPLICATE
        // What is not answered leaves no trace but a count, so that a stranger can't fill the disk.
        if (!(await recordDenial(tx, caller, denial, clock.now()))) return SILENT
        await claim(tx.db, message, new Date(clock.now()))
        return answer
      })
    } catch (error) {
      // Without its entry a denial is still a denial.
      this.#log.error({ err: error, message: message.id }, 'A denial could not be written')
      const { attemptedAction, reason } = denial
      await this.#events.record(
        auditEvent('PERMISSION_DENIED', caller.actor, caller.place, { attemptedAction, reason }),
      )
      return answer
    }
  }

  async #cursor(message: IncomingMessage, { phone }: Caller) {
    const { reader, clock } = this.#services
    return phone === undefined ? undefined : findCursor(reader, phone, chatOf(message), clock.now())
  }

  #unknown({ word, nearest }: Resolved & { kind: 'unknown' }): string {
    const { texts, prefix } = this.#services
    const suggestion = nearest === undefined ? [] : [texts.help.didYouMean(`${prefix} ${nearest}`)]
    return [texts.help.unknown(word, prefix), ...suggestion].join('\n')
  }

  #usage(command: Command, parsed: Exclude<Parsed, { kind: 'parsed' }>): string {
    const { texts, prefix } = this.#services
    const argument = parsed.kind === 'extra' ? undefined : command.arguments[parsed.argument]
    const problem =
      parsed.kind === 'extra'
        ? texts.arguments.tooMany(parsed.word)
        : parsed.kind === 'missing'
          ? argument?.missing(texts)
          : argument?.invalid(texts, parsed.typed)
    return `${problem}${problem?.endsWith('.') ? ' ' : '\n'}${texts.arguments.usage(`${prefix} ${usageOf(command)}`)}`
  }
}

/** A person's private chat is one, by whatever id the platform names it. */
const privateChat = (source: IncomingMessage['source']): string => `${source}:private`

const chatOf = ({ source, chat }: Pick<IncomingMessage, 'source' | 'chat'>): string =>
  chat.kind === 'private' ? privateChat(source) : chat.id

/** Where the next page may be asked for: where this one was asked for, and where it was shown. */
const pagedIn = (message: IncomingMessage, { command }: Invocation): Set<string> =>
  new Set([chatOf(message), ...(command.sensitive ? [privateChat(message.source)] : [])])

/** Whether the caller lost the role for it since they asked: an export takes a while. */
const isDemoted = (caller: Caller, invocation: Invocation | undefined): invocation is Invocation =>
  invocation !== undefined && !atLeast(caller.role, invocation.command.role)

const roleDenial = (command: Command, texts: Services['texts']): Outcome => ({
  kind: 'denied',
  text: command.denial(texts),
  attemptedAction: command.attemptedAction([]),
  reason: 'ROLE_TOO_LOW',
})

const isBareMore = (text: string): boolean => text.trim().toLowerCase() === 'more'

function nextPage({ command, values }: Invocation, position: string | undefined) {
  return position === undefined ? undefined : { command: commandName(command), values, position }
}

/** Whatever a sensitive command comes to speaks of other people, so all of it is for the sender alone. */
function replies(outcome: Outcome, sensitive: boolean): Reply[] {
  if (outcome.text === '') return []
  const answer: Reply = { audience: sensitive ? 'sender' : 'chat', text: clip(outcome.text) }
  if (outcome.kind !== 'answered') return [answer]
  const { attachment, notes = [] } = outcome
  const others = notes.map((note): Reply => ({ audience: { phone: note.phone }, text: clip(note.text) }))
  return [{ ...answer, ...(attachment && { attachment }) }, ...others]
}

/** The last line of defence: answers are made to fit. */
function clip(text: string): string {
  return text.length <= MAX_REPLY_LENGTH ? text : `${text.slice(0, MAX_REPLY_LENGTH - 1)}…`
}
