import type { AuditEvents } from '../audit/write/audit-logger.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import { afterFailure } from '../kernel/after-failure.ts'
import type { Arrived } from '../kernel/arrived.ts'
import { callHost } from '../kernel/call-host.ts'
import type { Logger } from '../kernel/log.ts'
import type { Handled, IncomingMessage, Source } from '../kernel/message.ts'
import { senderKey } from '../roles/person.ts'
import { atLeast } from '../roles/role.ts'
import type { Addressed } from './addressed.ts'
import { type Limits, type LimitVerdict, limitOf, refusalOf, tooFast } from './admission.ts'
import type { ReadContext } from './argument.ts'
import { callerOf, isDoubtful, quotedPeople, resolvedMentions } from './caller.ts'
import type { Caller, CommandContext, Services } from './command.ts'
import { Committer } from './committer.ts'
import { help } from './help.ts'
import { wasProcessed } from './inbox.repository.ts'
import { knownDigits, lookUpNote, tellForm, twoFormsOf, withNote } from './look-up.ts'
import { Outgoing } from './outgoing.ts'
import { findCursor } from './page-cursor.repository.ts'
import type { PagedChats } from './paged-chats.ts'
import { pageChatOf, pagedIn } from './pages.ts'
import { parseArguments } from './parse-arguments.ts'
import { Refusals } from './refusals.ts'
import { findCommand, HELP_ROLE, usageOf } from './registry.ts'
import type { Invocation, Request } from './request.ts'
import { type Resolved, resolve } from './resolve.ts'
import { afterPrefix, meantWords, quotedWords, tail, withoutUnseenEnds } from './tokenize.ts'
import { usageError } from './usage-error.ts'

/** In characters. The longest that there is reason to send is a checkpoint with its signatures. */
const MAX_COMMAND_LENGTH = 8000

const IGNORED: Handled = { status: 'ignored', replies: [] }
const DUPLICATE: Handled = { status: 'duplicate', replies: [] }

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
  readonly #refusals: Refusals

  /** `notesBy`: the chat by which people other than the caller are told something. */
  constructor(
    writer: AuditWriter,
    events: AuditEvents,
    services: Services,
    limits: Limits,
    log: Logger,
    outgoingDirectory: string,
    paged: PagedChats,
    notesBy?: Source,
  ) {
    this.#limits = limits
    this.#services = services
    this.#log = log
    this.#outgoingDirectory = outgoingDirectory
    this.#paged = paged
    this.#committer = new Committer(writer, events, services, log, notesBy)
    this.#refusals = new Refusals(this.#committer, services, log)
  }

  /** A message that is counted, or the one too many by which its sender is told so. */
  async take(request: Request, arrived: Arrived, spoken: Addressed): Promise<Handled> {
    const { message } = request
    const { reader } = this.#services
    const isBare = spoken.kind === 'more'
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
    if (caller.unverified) return this.#refusals.unverified(request, caller)
    if (caller.changed !== undefined) return this.#refusals.identity(request, caller, caller.changed)
    if (message.forwarded === true) return this.#leave(request, caller, isBare)
    return this.#resolve(request, caller, spoken)
  }

  #resolve(request: Request, caller: Caller, spoken: Addressed): Promise<Handled> {
    const { prefix, texts } = this.#services
    const typed = withoutUnseenEnds(spoken.words)
    const resolved = resolve(meantWords(typed.slice(0, MAX_COMMAND_LENGTH)), caller.role)
    if (resolved.kind === 'denied') return this.#refusals.role(request, caller, resolved)
    if (typed.length > MAX_COMMAND_LENGTH) return this.#say(request, 'usage', texts.chat.tooLong(MAX_COMMAND_LENGTH))
    if (spoken.kind === 'nearly') return this.#say(request, 'usage', this.#nearly(resolved))
    switch (resolved.kind) {
      case 'help':
        return this.#say(request, 'answered', help(resolved.topic, caller.role, texts, prefix))
      case 'unknown':
        return this.#say(request, 'usage', this.#unknown(resolved))
      case 'more':
        return this.#more(request, caller)
      case 'command':
        return this.#parse(request, caller, resolved, typed)
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
    const resolved = resolve(meantWords(text), 'OWNER')
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
    if (resolved.kind === 'denied') return this.#refusals.role(request, caller, resolved)
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
      return afterFailure(error, () => outgoing.discard())
    }
  }

  #say(request: Request, kind: 'answered' | 'usage', text: string, sensitive = false): Promise<Handled> {
    return this.#committer.commit(request, async () => ({ kind, text }), undefined, sensitive)
  }

  #cursor(message: IncomingMessage, { actor }: Caller) {
    return findCursor(this.#services, senderKey(actor), pageChatOf(message))
  }

  /** The command that was meant, without what was typed after it: that may be somebody's secret, or no command after all. */
  #nearly(resolved: Resolved): string {
    const { texts, prefix } = this.#services
    const nearest = resolved.kind === 'unknown' ? resolved.nearest : undefined
    const meant = resolved.kind === 'command' ? usageOf(resolved.command) : (nearest ?? 'help')
    return texts.help.nearly(prefix, `${prefix} ${meant}`)
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
