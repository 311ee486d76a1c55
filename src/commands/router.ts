import { auditEvent } from '../audit/entry/entry.ts'
import type { AuditEvents } from '../audit/write/audit-logger.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import { type Arrived, isSilent } from '../kernel/arrived.ts'
import { callHost } from '../kernel/call-host.ts'
import { tell } from '../kernel/errors.ts'
import type { Logger } from '../kernel/log.ts'
import type { Handled, IncomingMessage, Source } from '../kernel/message.ts'
import { senderKey } from '../roles/person.ts'
import { atLeast } from '../roles/role.ts'
import { type Limits, type LimitVerdict, limitOf, refusalOf, tooFast } from './admission.ts'
import type { ReadContext } from './argument.ts'
import { callerOf, isDoubtful, quotedPeople, resolvedMentions } from './caller.ts'
import type { Caller, CommandContext, Services } from './command.ts'
import { Committer } from './committer.ts'
import { help } from './help.ts'
import { messageFault } from './host-message.ts'
import { claimIdentity } from './identity-denial.ts'
import { wasProcessed } from './inbox.repository.ts'
import { knownDigits, lookUpNote, tellForm, twoFormsOf, withNote } from './look-up.ts'
import { Outgoing } from './outgoing.ts'
import { findCursor } from './page-cursor.repository.ts'
import { PagedChats } from './paged-chats.ts'
import { pageChatOf, pagedIn } from './pages.ts'
import { parseArguments } from './parse-arguments.ts'
import { findCommand, GROUPS, HELP_ROLE } from './registry.ts'
import { toNote } from './replies.ts'
import type { Invocation, Request } from './request.ts'
import { type Resolved, resolve } from './resolve.ts'
import { afterPrefix, quotedWords, tail, tokenize } from './tokenize.ts'
import { usageError } from './usage-error.ts'

/** In characters. The longest that there is reason to send is a checkpoint with its signatures. */
const MAX_COMMAND_LENGTH = 8000

const IGNORED: Handled = { status: 'ignored', replies: [] }
const DUPLICATE: Handled = { status: 'duplicate', replies: [] }
const FAILED: Handled = { status: 'failed', replies: [] }
const LIMITED: Handled = { status: 'limited', replies: [] }

/**
 * Takes a message through everything between a chat and a command: dedupe, identity, block and whitelist, rate limit,
 * command, permission, arguments, run, and the commit that holds its effect, its entries, its replies and the message's id together.
 */
export class Router {
  readonly #services: Services
  readonly #limits: Limits
  readonly #log: Logger
  readonly #outgoingDirectory: string
  readonly #paged: PagedChats
  readonly #committer: Committer

  /** `notesBy`: the chat by which people other than the caller are told something. */
  constructor(
    writer: AuditWriter,
    events: AuditEvents,
    services: Services,
    limits: Limits,
    log: Logger,
    outgoingDirectory: string,
    notesBy?: Source,
  ) {
    this.#limits = limits
    this.#services = services
    this.#log = log
    this.#outgoingDirectory = outgoingDirectory
    this.#paged = new PagedChats(services.clock)
    this.#committer = new Committer(writer, events, services, log, notesBy)
  }

  /** Whether a message is a command, so that a host can leave it alone. Never a promise. */
  isCommand(message: Pick<IncomingMessage, 'text'> & Partial<IncomingMessage>): boolean {
    const { text, source, chat, sender } = message ?? {}
    if (typeof text !== 'string') return false
    if (afterPrefix(text, this.#services.prefix) !== undefined) return true
    if (!isBareMore(text) || source === undefined || !chat || !sender) return false
    return typeof sender.id === 'string' && this.#paged.expectsMore(sender, pageChatOf({ source, chat }))
  }

  /** Handles one message. Never rejects: whatever goes wrong is one of the ways a message can end. */
  async handle(request: Request): Promise<Handled> {
    try {
      return await this.#route(request)
    } catch (error) {
      const { chat, reference } = tell(error)
      this.#log.error({ err: error, reference, message: request.message.id }, 'A command failed')
      return { status: 'failed', replies: [{ audience: 'chat', text: chat }] }
    }
  }

  /** What no chat can be told of, as it is not known where it came from. */
  #blameHost(fault: Error): Handled {
    this.#log.error({ err: fault }, 'The host handed over what is no message')
    return FAILED
  }

  async #route(request: Request): Promise<Handled> {
    const { prefix } = this.#services
    const { message } = request
    if (typeof message !== 'object' || message === null) return this.#blameHost(messageFault(message) as Error)
    // A host in JavaScript may hand over a message without text, such as a picture.
    if (typeof message.text !== 'string') return IGNORED
    const isBare = isBareMore(message.text)
    const rest = afterPrefix(message.text, prefix) ?? (isBare ? message.text : undefined)
    if (rest === undefined) return IGNORED
    const fault = messageFault(message)
    if (fault !== undefined) return isBare ? IGNORED : this.#blameHost(fault)
    const { arrivals } = this.#limits
    // What may be no command counts as none until it is known to be one.
    if (isBare && request.arrived === undefined && !this.isCommand(message)) {
      if (!arrivals.mayAsk(message)) return IGNORED
      if (!(await this.#continues(message))) return IGNORED
    }
    const arrived = request.arrived ?? arrivals.count(message)
    if (isSilent(arrived)) return LIMITED
    try {
      return await this.#take(request, arrived, rest)
    } catch (error) {
      arrived.discount()
      throw error
    }
  }

  /** Whether a bare `more` goes on with a page, or did. */
  async #continues(message: IncomingMessage): Promise<boolean> {
    const { reader } = this.#services
    if (await wasProcessed(reader, message)) return true
    return (await this.#cursor(message, await callerOf(message, reader))) !== undefined
  }

  /** A message that is counted, or the one too many by which its sender is told so. */
  async #take(request: Request, arrived: Arrived, rest: string): Promise<Handled> {
    const { message } = request
    const { reader, prefix, texts } = this.#services
    const isBare = isBareMore(message.text)
    if (await wasProcessed(reader, message)) return uncounted(arrived, DUPLICATE)
    const caller = await callerOf(message, reader)
    this.#limits.arrivals.learn(arrived, caller)
    request.onKnown?.(caller.role)
    if (isBare && (await this.#cursor(message, caller)) === undefined) return uncounted(arrived, IGNORED)
    const refusal = refusalOf(caller, this.#services)
    if (refusal === 'BLOCKED' || (refusal !== undefined && !isDoubtful(caller)))
      return uncounted(arrived, await this.#committer.refuse(request, caller, refusal))
    const verdict = await limitOf(caller, arrived, this.#limits)
    if (!verdict.allowed) return this.#slowDown(verdict)
    if (caller.unverified) return this.#denyUnverified(request, caller)
    if (caller.changed !== undefined) return this.#denyIdentity(request, caller, caller.changed)
    if (message.forwarded === true) return this.#leave(request, caller, isBare)
    const typed = rest.trim()
    const resolved = resolve(tokenize(typed.slice(0, MAX_COMMAND_LENGTH)), caller.role)
    if (resolved.kind === 'denied') return this.#deny(request, caller, resolved)
    if (typed.length > MAX_COMMAND_LENGTH) return this.#say(request, 'usage', texts.chat.tooLong(MAX_COMMAND_LENGTH))
    switch (resolved.kind) {
      case 'help':
        return this.#say(request, 'answered', help(resolved.topic, caller.role, texts, prefix))
      case 'unknown':
        return this.#say(request, 'usage', this.#unknown(resolved))
      case 'more':
        return this.#more(request, caller)
      case 'command':
        return this.#parse(request, caller, resolved, rest)
    }
  }

  /** Who passes a message on has not written what is in it: it may be an example, or a trap. */
  async #leave(request: Request, { role }: Caller, isBare: boolean): Promise<Handled> {
    if (isBare || !atLeast(role, HELP_ROLE)) return IGNORED
    return this.#say(request, 'usage', this.#services.texts.chat.forwarded)
  }

  async #parse(
    request: Request,
    caller: Caller,
    { command, rest }: Resolved & { kind: 'command' },
    text: string,
  ): Promise<Handled> {
    const context = this.#readContext(request.message, text)
    const read = parseArguments(command, rest, context)
    const forms = twoFormsOf(read)
    const told = forms && (await tellForm(forms, caller, this.#services))
    const parsed = told === undefined ? read : parseArguments(command, rest, { ...context, told })
    if (parsed.kind === 'parsed') return this.#run(request, caller, { command, values: parsed.values })
    const known = await knownDigits(parsed, this.#services)
    const { texts, prefix } = this.#services
    const usage = usageError(command, parsed, texts, prefix)
    // Who is known is nobody's business in a group.
    return this.#say(request, 'usage', known === undefined ? usage : `${usage}\n${known}`, known !== undefined)
  }

  #readContext(message: IncomingMessage, text: string): ReadContext {
    const { defaultCountry, clock, settings, own } = this.#services
    const quoted = quotedWords(text)
    return {
      defaultCountry,
      now: clock.now(),
      timeZone: settings.get(own.timeZone),
      ...quotedPeople(message),
      mentions: resolvedMentions(message),
      tail: (words) => tail(text, words),
      isQuoted: (words) => words > 0 && quoted.at(-words) === true,
    }
  }

  /** What a command that is only spoken of would be, for whoever may send every one. */
  #understand(typed: string, message: IncomingMessage): ReturnType<CommandContext['understand']> {
    const text = afterPrefix(typed, this.#services.prefix) ?? typed
    const resolved = resolve(tokenize(text), 'OWNER')
    if (resolved.kind !== 'command') return undefined
    const { command, rest } = resolved
    const parsed = parseArguments(command, rest, this.#readContext(message, text))
    return parsed.kind === 'parsed' ? { command, values: parsed.values } : { command }
  }

  #slowDown(verdict: LimitVerdict & { allowed: false }): Handled {
    const text = tooFast(verdict, this.#services.texts)
    return { status: 'limited', replies: text === undefined ? [] : [{ audience: 'chat', text }] }
  }

  /** The next page: the same command by the same rules, as if it had been sent again. */
  async #more(request: Request, caller: Caller): Promise<Handled> {
    const cursor = await this.#cursor(request.message, caller)
    const command = cursor && findCommand(cursor.command)
    if (cursor === undefined || command === undefined)
      return this.#say(request, 'usage', this.#services.texts.help.nothingMore)
    const resolved = resolve(command.words, caller.role)
    if (resolved.kind === 'denied') return this.#deny(request, caller, resolved)
    return this.#run(request, caller, { command, values: cursor.values, position: cursor.position })
  }

  async #run(request: Request, caller: Caller, invocation: Invocation): Promise<Handled> {
    const { command, values, position } = invocation
    const audience = command.sensitive ? 'sender' : 'chat'
    const outgoing = new Outgoing(this.#outgoingDirectory)
    const context = {
      ...this.#services,
      logs: this.#services.logsFor(caller.role),
      caller,
      position,
      requestedBy: undefined,
      isChanged: async () => false,
      command: findCommand,
      understand: (text: string) => this.#understand(text, request.message),
      outgoingFile: (name: string) => outgoing.file(name),
      progress: (text: string) =>
        callHost(
          () => request.onProgress({ audience, text }),
          (err) => this.#log.error({ err, message: request.message.id }, 'What the host does with progress failed'),
        ),
    }
    try {
      const commit = withNote(await command.run(context, values as never), await lookUpNote(invocation, context))
      const { position: next, ...handled } = await this.#committer.commit(request, commit, invocation)
      if (handled.status !== 'answered') await outgoing.discard()
      else
        for (const chat of pagedIn(request.message, invocation))
          this.#paged.note(request.message.sender, chat, next !== undefined)
      return handled
    } catch (error) {
      await outgoing.discard()
      throw error
    }
  }

  #say(request: Request, kind: 'answered' | 'usage', text: string, sensitive = false): Promise<Handled> {
    return this.#committer.commit(request, async () => ({ kind, text }), undefined, sensitive)
  }

  #deny(request: Request, caller: Caller, { command, group, rest }: Resolved & { kind: 'denied' }): Promise<Handled> {
    const { texts } = this.#services
    const denial = auditEvent('PERMISSION_DENIED', caller.actor, caller.place, {
      attemptedAction: command?.attemptedAction(rest) ?? 'UNKNOWN_COMMAND',
      reason: 'ROLE_TOO_LOW',
    })
    const describe = group === undefined ? command?.denial : GROUPS[group]?.denial
    return this.#committer.deny(request, denial, describe?.(texts) ?? texts.denied.anything)
  }

  #denyUnverified(request: Request, { actor, place }: Caller): Promise<Handled> {
    const why = { attemptedAction: 'UNKNOWN_COMMAND', reason: 'IDENTITY_UNVERIFIED' }
    const denial = auditEvent('PERMISSION_DENIED', actor, place, why)
    return this.#committer.deny(request, denial, this.#services.texts.denied.identityUnverified)
  }

  #denyIdentity(request: Request, { actor, place }: Caller, changed: NonNullable<Caller['changed']>) {
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

  #cursor(message: IncomingMessage, { actor }: Caller) {
    return findCursor(this.#services, senderKey(actor), pageChatOf(message))
  }

  #unknown({ word, nearest }: Resolved & { kind: 'unknown' }): string {
    const { texts, prefix } = this.#services
    const suggestion = nearest === undefined ? [] : [texts.help.didYouMean(`${prefix} ${nearest}`)]
    return [texts.help.unknown(word, prefix), ...suggestion].join('\n')
  }
}

function uncounted(arrived: Arrived, handled: Handled): Handled {
  arrived.discount()
  return handled
}

const isBareMore = (text: string): boolean => text.trim().toLowerCase() === 'more'
