import { callHost } from '../kernel/call-host.ts'
import { type Clock, DAY } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { valueIn } from '../kernel/json.ts'
import type { Logger } from '../kernel/log.ts'
import type { Reader } from '../storage/contract.ts'
import { parse } from './parse.ts'
import type { SecretBox } from './secret-box.ts'
import { type StoredSetting, storedSettings } from './setting.repository.ts'
import { DANGEROUS_AFTER, type Setting } from './setting.ts'

/** How often a change made by another process is looked for, in milliseconds. */
const LOOK_EVERY = 2000

/** What is set, as it was typed: `undefined` for the default, as which also counts what the schema takes no longer. */
type Input = { readonly input: unknown } | undefined

export interface InForce {
  readonly now: Input
  /** What it will be, and from when on. */
  readonly later: { readonly value: Input; readonly at: Date } | undefined
}

interface Parts {
  readonly reader: Reader
  readonly clock: Clock
  readonly log: Logger
  readonly box: SecretBox | undefined
}

/** A value that listeners know of. A schema may make another object of the same input each time. */
interface Told {
  readonly input: string | undefined
  readonly value: unknown
}

export type OnSettingChange = (setting: Setting, value: unknown) => void

/** The settings in force in this process: what was set anywhere counts here within a few seconds. */
export class Settings {
  readonly all: readonly Setting[]
  readonly #parts: Parts
  readonly #listeners = new Set<OnSettingChange>()
  #stored = new Map<string, StoredSetting>()
  #told = new Map<string, Told>()
  #timer: NodeJS.Timeout | undefined
  #refreshing: Promise<unknown> = Promise.resolve()
  #isChanging = false
  #isStale = false
  #isFailing = false

  /** @throws {ChatwardenError} `INVALID_ARGUMENT` for two settings of one name. */
  constructor(settings: readonly Setting[], parts: Parts) {
    const twice = settings.find(({ name }, index) => settings.findIndex((other) => other.name === name) !== index)
    if (twice !== undefined) throw new ChatwardenError('INVALID_ARGUMENT', `There are two settings ${twice.name}.`)
    this.all = [...settings].sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#parts = parts
  }

  /** The value of a setting at this moment. */
  get<T>(setting: Setting<T>): T {
    const { now } = this.#kept(setting, this.#stored.get(setting.name))
    const parsed = now && parse(setting.schema, now.input)
    return parsed === undefined ? setting.fallback : parsed.value
  }

  find(name: string): Setting | undefined {
    return this.all.find((setting) => setting.name === name.toLowerCase())
  }

  inForce(setting: Setting, stored = this.#stored.get(setting.name)): InForce {
    const { now, later } = this.#kept(setting, stored)
    return { now: fitting(setting, now), later: later && { ...later, value: fitting(setting, later.value) } }
  }

  #kept(setting: Setting, stored: StoredSetting | undefined): InForce {
    if (stored === undefined) return { now: undefined, later: undefined }
    const value = this.#open(setting, stored.value)
    const waits = stored.effectiveAt.getTime() - this.#parts.clock.now()
    if (waits <= 0) return { now: value, later: undefined }
    const now = stored.previous === null ? undefined : this.#open(setting, stored.previous)
    // A clock that was ahead wrote it: it counts for none, and can be made again.
    if (waits > DANGEROUS_AFTER + DAY) return { now, later: undefined }
    return { now, later: { value, at: stored.effectiveAt } }
  }

  /** As it is kept in the database. */
  close(setting: Setting, { input }: NonNullable<Input>): string {
    const text = JSON.stringify(input)
    return setting.secret ? this.#box(setting).seal(setting.name, text) : text
  }

  /** Calls `listener` with each setting whose value has changed, wherever it was, until the returned function is called. */
  onChange(listener: OnSettingChange): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads what is set. @throws {ChatwardenError} `CONFIG_INVALID` where that cannot be read. */
  async open(): Promise<void> {
    const rows = await storedSettings(this.#parts.reader)
    this.#stored = new Map(rows.map((row) => [row.name, row]))
    for (const setting of this.all) this.get(setting)
    this.#tell()
  }

  /** Reads what is set again, after whoever does so already. What cannot be read stays as it was. */
  refresh(): Promise<void> {
    const refreshed = this.#refreshing.then(() => this.#refresh())
    this.#refreshing = refreshed.catch(() => {})
    return refreshed
  }

  /** To be called in the transaction that changes a setting: after its commit `settle` reads it again. */
  expire(): void {
    this.#isChanging = true
  }

  /** To be called after each commit: what `expire` was called for counts from now on. */
  committed(): void {
    this.#isStale ||= this.#isChanging
    this.#isChanging = false
  }

  /** Makes sure that what was changed here counts here. Never rejects: the next look will do it. */
  async settle(): Promise<void> {
    if (this.#isChanging || this.#isStale) await this.#look()
  }

  /** Begins to look for what other processes change. */
  watch(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY)
    this.#timer.unref()
  }

  unwatch(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    try {
      await this.refresh()
      this.#isFailing = false
    } catch (err) {
      if (!this.#isFailing) this.#parts.log.warn({ err }, 'It is not known whether a setting was changed')
      this.#isFailing = true
    }
  }

  async #refresh(): Promise<void> {
    const rows = await storedSettings(this.#parts.reader)
    this.#isStale = false
    const readable = rows.map((row) => (this.#isReadable(row) ? row : this.#stored.get(row.name)))
    this.#stored = new Map(readable.flatMap((row) => (row === undefined ? [] : [[row.name, row]])))
    this.#tell()
  }

  /** Another process may have another key: that is no reason to lose the value that this one has. */
  #isReadable(row: StoredSetting): boolean {
    const setting = this.find(row.name)
    if (setting === undefined || row.value === this.#stored.get(row.name)?.value) return true
    try {
      this.inForce(setting, row)
      return true
    } catch (err) {
      this.#parts.log.error({ err, setting: row.name }, 'A setting that was changed elsewhere cannot be read here')
      return false
    }
  }

  #tell(): void {
    for (const setting of this.all) {
      const { now } = this.inForce(setting)
      const next = { input: now && JSON.stringify(now.input), value: this.get(setting) }
      const told = this.#told.get(setting.name)
      this.#told.set(setting.name, next)
      if (told === undefined || told.input === next.input || Object.is(told.value, next.value)) continue
      this.#tellOne(setting, next.value)
    }
  }

  #tellOne(setting: Setting, value: unknown): void {
    const onFailure = (err: unknown) => {
      // What is thrown over a secret may quote it.
      const thrown = setting.secret ? {} : { err }
      this.#parts.log.error({ ...thrown, setting: setting.name }, 'A listener to settings failed')
    }
    for (const listener of this.#listeners) callHost(() => listener(setting, value), onFailure)
  }

  #open(setting: Setting, stored: string): Input {
    // One that was a secret once is no JSON.
    const input = valueIn(setting.secret ? this.#box(setting).open(setting.name, stored) : stored)
    return input === undefined ? undefined : { input }
  }

  #box({ name }: Setting): SecretBox {
    if (this.#parts.box === undefined) throw new Error(`There is no key for the secret setting ${name}.`)
    return this.#parts.box
  }
}

const fitting = ({ schema }: Setting, input: Input): Input =>
  input !== undefined && parse(schema, input.input) !== undefined ? input : undefined
