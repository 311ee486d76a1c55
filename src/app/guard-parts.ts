import type { AuditEvents, Person } from '../audit/write/audit-logger.ts'
import type { Limit } from '../commands/admission.ts'
import type { Config } from '../config.ts'
import { type CircuitBreaker, type CircuitBreakerOptions, createCircuitBreaker } from '../guards/circuit-breaker.ts'
import type { Counter } from '../guards/counter.ts'
import { createErrorHandler, type ErrorHandler } from '../guards/error-handler.ts'
import { createModeration, type Moderate, type Moderation } from '../guards/moderation.ts'
import { ModerationError } from '../guards/moderation-error.ts'
import { openAiModeration } from '../guards/openai-moderation.ts'
import { createRateLimiter } from '../guards/rate-limiter.ts'
import { SharedCounter } from '../guards/shared-counter.ts'
import type { Logger } from '../kernel/log.ts'
import type { OwnSettings } from '../settings/own-settings.ts'
import type { Settings } from '../settings/settings.ts'

export interface GuardParts {
  readonly limit: Limit
  readonly moderate: Moderation<Person>['check']
  readonly errors: ErrorHandler<Person>
  /** A breaker whose openings and closings are entries. */
  breaker(options: BreakerOptions): CircuitBreaker
}

/** What a host says of a service that may fail; that its changes go into the trail goes without saying. */
export type BreakerOptions = Omit<CircuitBreakerOptions, 'onChange'>

/**
 * The guards of this process: they act by the settings, and what they do goes into the trail. `counter` is where rate
 * limits are counted that several processes share.
 */
export function guardParts(
  { moderation: configured }: Config,
  settings: Settings,
  own: OwnSettings,
  events: AuditEvents,
  roleOf: (phone: string) => Promise<string>,
  log: Logger,
  moderate?: Moderate,
  counter?: Counter,
): GuardParts {
  // Loaded when first needed: a single command from a script needs neither, and would wait for both.
  const limiter = once(() =>
    createRateLimiter({
      ...(counter !== undefined && { counter: new SharedCounter(counter, log) }),
      user: () => settings.get(own.rateLimitUser),
      global: () => settings.get(own.rateLimitGlobal),
      onViolation: async ({ key: phoneNumber, limitType, limit, consumed }) => {
        // What all of them together did is nobody's, and without the database nobody's role is known.
        const userRole = limitType === 'user' ? await roleOf(phoneNumber).catch(() => 'NONE') : 'NONE'
        await events.logRateLimitViolation({ phoneNumber, userRole, limitType, limit, consumed })
      },
    }),
  )
  const breaker = (options: BreakerOptions) =>
    createCircuitBreaker({ ...options, onChange: (change) => void events.logCircuitBreakerChange(change) })
  const isFailure = (error: unknown) => !(error instanceof ModerationError && error.isAboutText)
  const service = once(() => breaker({ service: 'moderation', isFailure }))
  const supplied = moderate ?? (configured === undefined ? passEverything : openAiModeration(configured))
  return {
    limit: (sender, options) => limiter().take(sender, options),
    breaker,
    errors: createErrorHandler<Person>({
      onDenied: ({ who, attemptedAction, reason }) =>
        void events.logPermissionDenied({
          user: who,
          phoneNumber: who.phoneNumber,
          action: attemptedAction,
          ...(who.role !== undefined && { userRole: who.role }),
          ...(reason !== undefined && { reason }),
        }),
    }),
    moderate: createModeration<Person>({
      // A service that fails is left alone for a while: every message would wait for it.
      moderate: (text) => service().run(() => supplied(text)),
      whenDown: () => settings.get(own.moderationWhenDown),
      onFlag: ({ who, categories }) => void events.logModerationFlag({ user: who, flaggedCategories: categories }),
      onDown: (err) => {
        // Once it is left alone the trail says so, and a line for every message would say no more.
        if (service().state !== 'OPEN') log.warn({ err }, 'The moderation service does not answer')
      },
    }).check,
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Where nothing is asked whether a text may pass, every text does. */
const passEverything: Moderate = async () => ({ flagged: false, categories: [] })
