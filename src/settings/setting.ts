import { z } from 'zod'
import { DAY } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { parse } from './parse.ts'

/** So long a change that may cost somebody something can still be taken back. */
export const DANGEROUS_AFTER = 7 * DAY

/** What a setting is, for whoever declares one. */
export interface SettingOptions<T> {
  /** As it is typed: lower-case words joined by hyphens, e.g. `ai-model`. */
  readonly name: string
  /** What it does, in one sentence. */
  readonly summary: string
  /** What a value may be. Typed text is read as what the schema takes: a text, a number, on or off, JSON. */
  readonly schema: z.ZodType<T>
  /** Its value until somebody sets another. */
  readonly fallback: NoInfer<T>
  /** A value that could be typed. */
  readonly example: string
  /** The least role that may change it. Default: `OWNER`. */
  readonly role?: 'ADMIN' | 'OWNER'
  /** Its value is never shown, logged or kept in the clear. */
  readonly secret?: boolean
  /** What it takes, in words, where the schema does not tell. */
  readonly values?: string
  /** Whether such a change waits for a confirmation and then seven days, as it may cost somebody something. */
  readonly isDangerous?: (from: T, to: T) => boolean
}

/** Something that can be set in the chat. */
export interface Setting<T = unknown> extends Omit<SettingOptions<T>, 'isDangerous'> {
  readonly role: 'ADMIN' | 'OWNER'
  readonly secret: boolean
  /** Whether any change of it can be dangerous. */
  readonly mayBeDangerous: boolean
  isDangerous(from: T, to: T): boolean
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/**
 * Declares a setting; hand it to `openChatwarden({ settings })`, and ask for its value with `settings.get(it)`.
 * @throws {ChatwardenError} `INVALID_ARGUMENT` for a name that could not be typed, or a fallback outside the schema.
 */
export function defineSetting<T>(options: SettingOptions<T>): Setting<T> {
  const { name, schema, fallback, role = 'OWNER', secret = false } = options
  // A change that waits is kept as it was typed.
  const isDangerous = secret || options.isDangerous === undefined ? () => false : options.isDangerous
  if (!NAME.test(name) || name.length > 40)
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `The setting ${JSON.stringify(name)} needs a name of lower-case words joined by hyphens, such as "ai-model".`,
    )
  // A secret has no value of its own to begin with, so its fallback may be outside what can be typed.
  if (!secret && !isValueOf(schema, fallback))
    throw new ChatwardenError('INVALID_ARGUMENT', `The setting ${name} has a fallback that its schema does not take.`)
  return Object.freeze({ ...options, role, secret, isDangerous, mayBeDangerous: options.isDangerous !== undefined })
}

/** Whether a schema takes a value, or may make it of another: what only transforms can make cannot be told. */
function isValueOf<T>(schema: z.ZodType<T>, value: T): boolean {
  if (parse(schema, value) !== undefined) return true
  try {
    return z.safeEncode(schema, value).success
  } catch (error) {
    return error instanceof Error && error.name === 'ZodEncodeError'
  }
}
