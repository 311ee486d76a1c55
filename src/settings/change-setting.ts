import { type Actor, auditEvent, type Place } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Clock } from '../kernel/clock.ts'
import { parse } from './parse.ts'
import { digestOfSetting, removeSetting, saveSetting, storedSetting } from './setting.repository.ts'
import { DANGEROUS_AFTER, type Setting } from './setting.ts'
import type { Settings } from './settings.ts'

/** A moment that no clock is before, however far it is set back: what counts is not to stop counting by that. */
const AT_ONCE = new Date(0)

type Value = string | number | boolean | null

export interface SettingRequest {
  readonly setting: Setting
  /** As it was typed, read by the schema; `undefined` for back to the default. */
  readonly wanted: { readonly input: unknown } | undefined
  readonly actor: Actor
  readonly place: Place
  /** Who asked for it, where somebody else confirmed it. */
  readonly requestedBy?: string | undefined
}

export interface SettingChange {
  readonly from: Value
  readonly to: Value
  /** Whether it needs a confirmation and takes effect after seven days only. */
  readonly isDangerous: boolean
  readonly isSame: boolean
  readonly effectiveAt: Date
  /** What is in force now, as it was typed; `undefined` for the default. */
  readonly now: Input
}

/** What a change would be, by what is set at this moment. */
export async function planChange(
  { db }: Pick<AuditTransaction, 'db'>,
  { setting, wanted }: Pick<SettingRequest, 'setting' | 'wanted'>,
  settings: Settings,
  clock: Clock,
): Promise<SettingChange> {
  const { now, later } = settings.inForce(setting, await storedSetting(db, setting.name))
  const isDangerous = setting.isDangerous(inEffect(setting, now), inEffect(setting, wanted))
  const last = later === undefined ? now : later.value
  return {
    from: shown(setting, last),
    to: shown(setting, wanted),
    isDangerous,
    isSame: isSame(setting, last, wanted),
    effectiveAt: isDangerous ? new Date(clock.now() + DANGEROUS_AFTER) : AT_ONCE,
    now,
  }
}

/** Makes a change that was planned in the same transaction, which holds the write lock; the entry is part of its commit. */
export async function changeSetting(
  tx: AuditTransaction,
  request: SettingRequest,
  { isDangerous, effectiveAt, now, from: oldValue, to: newValue }: SettingChange,
  settings: Settings,
  clock: Clock,
): Promise<void> {
  const { setting, wanted, actor, place, requestedBy } = request
  const isDefault = wanted === undefined && !isDangerous
  const { name } = setting
  const effect = isDangerous ? { effectiveAt: effectiveAt.toISOString() } : {}
  const event = { setting: name, oldValue, newValue, ...effect, requestedBy }
  if (isDefault) {
    await removeSetting(tx.db, name)
    await tx.append(auditEvent('CONFIG_UPDATE', actor, place, { ...event, isDefault }))
  } else {
    const value = settings.close(setting, wanted ?? { input: setting.fallback })
    const previous = isDangerous && now !== undefined ? settings.close(setting, now) : null
    const stored = { name, value, previous, effectiveAt, updatedAt: new Date(clock.now()) }
    await saveSetting(tx.db, stored)
    await tx.append(auditEvent('CONFIG_UPDATE', actor, place, { ...event, row: digestOfSetting(stored) }))
  }
  settings.expire()
}

type Input = SettingRequest['wanted']

function inEffect({ schema, fallback }: Setting, input: Input): unknown {
  const parsed = input && parse(schema, input.input)
  return parsed === undefined ? fallback : parsed.value
}

/** Whether a secret is the same as before is nobody's to find out by trying. */
function isSame(setting: Setting, from: Input, to: Input): boolean {
  if (setting.secret) return from === undefined && to === undefined
  return JSON.stringify(inEffect(setting, from)) === JSON.stringify(inEffect(setting, to))
}

/** A secret is told from none, and no more. */
function shown({ secret, fallback }: Setting, input: Input): Value {
  if (secret) return input === undefined ? '(not set)' : '(secret)'
  const value = (input === undefined ? fallback : input.input) ?? null
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return isPlain ? (value as Value) : JSON.stringify(value)
}
