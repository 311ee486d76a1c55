import type { DataRequests } from '../audit/data-request/data-request.ts'
import type { Actor, Place } from '../audit/entry/entry.ts'
import type { EventTypes } from '../audit/entry/event-types.ts'
import type { Exporter } from '../audit/export/exporter.ts'
import type { StoredEntries } from '../audit/read/stored-entries.repository.ts'
import type { Erasure } from '../audit/remove/erasure.ts'
import type { Evidence } from '../audit/verify/evidence.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals } from '../audit/write/row-seals.ts'
import type { Account } from '../kernel/account.ts'
import type { Charts } from '../kernel/chart.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Countdown } from '../kernel/countdown.ts'
import type { HeardTime } from '../kernel/heard-time.ts'
import type { Logger } from '../kernel/log.ts'
import type { Attachment, NumberFound, Source } from '../kernel/message.ts'
import type { ObjectStore } from '../kernel/object-store.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Block } from '../roles/block.repository.ts'
import type { EffectiveRole, Role } from '../roles/role.ts'
import type { User } from '../roles/user.ts'
import type { OwnSettings } from '../settings/own-settings.ts'
import type { Settings } from '../settings/settings.ts'
import type { Reader } from '../storage/contract.ts'
import type { Texts } from '../text/english.ts'
import type { Argument } from './argument.ts'
import type { SharedObjects } from './shared-object.repository.ts'

/** Who sent the command. */
export interface Caller {
  /** By which they act; `undefined` where the platform's id is no account's: such a caller has the role `NONE`. */
  readonly account: Account | undefined
  readonly role: EffectiveRole
  readonly actor: Actor
  readonly place: Place
  /** What keeps them out at some time, if anything does: see `isActive`. */
  readonly block: Block | undefined
  /** Whether they may use the bot in whitelist mode. */
  readonly whitelisted: boolean
  /** The account to link to the number, now that it is first seen. */
  readonly first: Account | undefined
  /** It could not be found out whether the account is the number's, so the caller may do nothing for now. */
  readonly unverified: boolean
  /** An account other than the number's appeared with it, so the caller may do nothing. */
  readonly changed: { readonly phone: Phone; readonly account: Account } | undefined
  /** The name that the platform gives a known user, where it is not the one kept: lists show names beside numbers. */
  readonly newName: string | undefined
}

/** What commands work with; the composition root supplies it. */
export interface Services {
  /** What somebody of that role may see of the trail. */
  logsFor(role: EffectiveRole): StoredEntries
  readonly eventTypes: EventTypes
  readonly reader: Reader
  readonly clock: Clock
  /** What platforms say of the time. */
  readonly heard: HeardTime
  /** How long new owners still confirm nothing. */
  readonly probation: Countdown
  readonly texts: Texts
  readonly prefix: string
  readonly defaultCountry: string | undefined
  readonly settings: Settings
  readonly own: OwnSettings
  readonly charts: Charts
  readonly evidence: Evidence
  readonly erasure: Erasure
  readonly exporter: Exporter
  readonly dataRequests: DataRequests
  /** Where files go that are too large for a chat; `undefined`: nowhere. */
  readonly objects: ObjectStore | undefined
  readonly sharedObjects: SharedObjects
  /** How large a file a chat takes, in bytes. */
  maxFileBytes(source: Source): number
  readonly log: Logger
  /** By which rows that the bot wrote are known. */
  readonly seals: RowSeals
  /** Which bot this is, of several that share a trail; the same after a restart. */
  readonly instance: string
  /** Asks the chats that are connected whether somebody has a number there. `by`: by whose word. */
  findNumber(phone: Phone, by: string): Promise<NumberFound>
  /** Shows a moment in the configured time zone. */
  time(moment: Date): string
}

/** A command with its arguments read. */
export interface Understood {
  readonly command: Command
  readonly values: Readonly<Record<string, unknown>>
}

export interface CommandContext extends Services {
  /** What the caller may see of the trail. */
  readonly logs: StoredEntries
  readonly caller: Caller
  /** Who asked for it, where the caller only confirms it. */
  readonly requestedBy: User | undefined
  /** Whether what was asked for is about something that has changed since, and be it changed back. */
  isChanged(tx: AuditTransaction): Promise<boolean>
  /** Another command by its name, e.g. `role promote`. */
  command(name: string): Command | undefined
  /** What a command that somebody only speaks of would be; `undefined` if there is none like it. */
  understand(text: string): Understood | { readonly command: Command } | undefined
  /** Where the page before ended, if the caller asked for more. */
  readonly position: string | undefined
  /** A path for a file of this name that the answer hands over; without an answer it is removed. */
  outgoingFile(name: string): Promise<string>
  /** Tells the caller at once that something takes a while. */
  progress(text: string): void
}

/** A message to somebody else than the caller. */
export interface Note {
  readonly account: Account
  readonly text: string
  /** The least role that they must still have when it is sent, where it depends on one. */
  readonly role?: Role
}

export type Outcome =
  | {
      readonly kind: 'answered'
      readonly text: string
      /** Files to hand over: the first with the text, the others after it. */
      readonly attachments?: readonly Attachment[]
      readonly notes?: readonly Note[]
      /** Where the next page begins, if there is one. */
      readonly position?: string
    }
  | { readonly kind: 'usage' | 'not-found'; readonly text: string }
  | {
      readonly kind: 'denied'
      readonly text: string
      readonly attemptedAction: string
      readonly reason?: string
      readonly target?: Account
      readonly notes?: readonly Note[]
    }

/**
 * What a command does once it is certain: it runs in one transaction with its entries and the id of the message,
 * so that all of it happens, once, or nothing. `caller` is read in that transaction.
 */
export type Commit = (tx: AuditTransaction, caller: Caller) => Promise<Outcome>

type Arguments = Readonly<Record<string, Argument>>
type ArgumentValues<A extends Arguments> = {
  readonly [Name in keyof A]: A[Name] extends Argument<infer T> ? T : never
}

/** Whether a command would be carried out, and what is said if not. */
export type Judgement =
  | {
      readonly allowed: true
      /** The role that it takes, where that is more than the command itself does. */
      readonly role?: Role
      /** What else has to happen before it is done. */
      readonly note?: string
    }
  | { readonly allowed: false; readonly text: string }

/** A command is data and one function. Parsing, permission, help, usage errors and denials all come from this. */
export interface Command<A extends Arguments = Arguments> {
  /** The words after the prefix, e.g. `['audit', 'list']`. */
  readonly words: readonly [string, ...string[]]
  /** The least role that can ever need it. */
  readonly role: Role
  readonly summary: string
  /** Without the prefix. */
  readonly examples: readonly string[]
  /** Whether what it answers is for the caller alone. */
  readonly sensitive: boolean
  /** Whether it gives or takes rights of the person it names: then it is said whether a number nobody knows here is somebody's. */
  readonly looksUp?: boolean
  /** Whether what is typed after it may be a secret, which is then never repeated. */
  readonly hidesInput?: boolean
  /** In the order in which they are written. */
  readonly arguments: A
  /** What a denial is called in the trail, from the words that follow the command, which may be anything. */
  attemptedAction(words: readonly string[]): string
  /** What somebody without the role is told. */
  denial(texts: Texts): string
  /** Whether somebody who has the role may also do this with these arguments, as far as rules say. */
  judge?(context: CommandContext, values: ArgumentValues<A>, asker: Account, role: EffectiveRole): Promise<Judgement>
  /** Reads what it needs and returns what is to be committed. Nothing is changed before the commit. */
  run(context: CommandContext, values: ArgumentValues<A>): Promise<Commit>
}

/** A command whose argument values have the types of its arguments. */
export const defineCommand = <A extends Arguments>(command: Command<A>): Command =>
  // The parser reads values by the command's own arguments, so they are what `run` expects.
  command as unknown as Command
