import type { Actor } from '../audit/entry/entry.ts'
import type { AuditEvents, Person } from '../audit/write/audit-logger.ts'
import type { Limits } from '../commands/admission.ts'
import { Arrivals } from '../commands/arrivals.ts'
import { type CircuitBreaker, createCircuitBreaker } from '../guards/circuit-breaker.ts'
import { createErrorHandler, type ErrorHandler } from '../guards/error-handler.ts'
import { createModeration, type Moderate, type Moderation } from '../guards/moderation.ts'
import { says } from '../guards/moderation-error.ts'
import { openAiModeration } from '../guards/openai-moderation.ts'
import { WindowRateLimiter } from '../guards/rate-limiter.ts'
import { SharedCounter } from '../guards/shared-counter.ts'
import { knowingOutages } from '../guards/takes-any-text.ts'
import { InFlight } from '../kernel/in-flight.ts'
import { RateLimits } from '../storage/rate-limits.ts'
import type { BreakerOptions } from './chatwarden.ts'
import type { Ground } from './ground.ts'
import type { SettingParts } from './setting-parts.ts'
import type { TrailParts } from './trail-parts.ts'

export interface GuardParts {
  readonly limits: Limits
  readonly moderate: Moderation<Person>['check']
  readonly errors: ErrorHandler<Person>
  /** A breaker whose openings and closings are entries. */
  breaker(options: BreakerOptions): CircuitBreaker
  /** What they report is written without anybody waiting for it, but for who closes the database. */
  readonly reports: InFlight
}

type Report = (write: () => Promise<unknown>) => void

/** The guards of this process: they act by the settings, and what they do goes into the trail. */
export function guardParts(ground: Ground, { events }: TrailParts, settings: SettingParts): GuardParts {
  const reports = new InFlight()
  const report: Report = (write) => void reports.track(write)
  const limiter = once(() => limiterOf(ground, events, settings, report))
  const breaker = (options: BreakerOptions) =>
    createCircuitBreaker({ ...options, onChange: (change) => report(() => events.logCircuitBreakerChange(change)) })
  return {
    reports,
    limits: {
      take: ({ key, who }, options) => limiter().take(key, { ...options, who }),
      refuse: (sender, excess, counted) => limiter().refuseArrived(sender, excess, counted),
      arrivals: new Arrivals({
        arrive: (key, waiting) => limiter().arrive(key, waiting),
        giveBack: (key) => limiter().giveBack(key),
        postpone: (key) => limiter().postpone(key),
      }),
    },
    breaker,
    errors: createErrorHandler<Person>({
      onDenied: ({ who, attemptedAction, reason }) =>
        report(() =>
          events.logPermissionDenied({
            user: who,
            account: who.account,
            action: attemptedAction,
            ...(who.role !== undefined && { userRole: who.role }),
            ...(reason !== undefined && { reason }),
          }),
        ),
    }),
    moderate: moderationOf(ground, events, settings, { breaker, report }).check,
  }
}

function limiterOf(
  { database, clock, log }: Ground,
  events: AuditEvents,
  { settings, own }: SettingParts,
  report: Report,
): WindowRateLimiter {
  return new WindowRateLimiter({
    // Where several processes share a database, they count together.
    ...(database.shared && { counter: new SharedCounter(new RateLimits(database.shared.aside, clock), log) }),
    user: () => settings.get(own.rateLimitUser),
    global: () => settings.get(own.rateLimitGlobal),
    onViolation: ({ who, limitType, limit, consumed }) => {
      const { account, userId: id, role } = who as Actor
      // What all of them together did is nobody's.
      const person = limitType === 'user' ? { account, id, userRole: role } : { userRole: 'NONE' }
      report(() => events.logRateLimitViolation({ ...person, limitType, limit, consumed }))
    },
  })
}

function moderationOf(
  { options, config, log }: Ground,
  events: AuditEvents,
  { settings, own }: SettingParts,
  { breaker, report }: { readonly breaker: GuardParts['breaker']; readonly report: Report },
): Moderation<Person> {
  const isFailure = (error: unknown) => !says(error, 'isAboutText')
  const service = once(() => breaker({ service: 'moderation', isFailure }))
  const configured = config.moderation
  const supplied = options.moderate ?? (configured === undefined ? passEverything : openAiModeration(configured))
  const ask = knowingOutages(supplied)
  return createModeration<Person>({
    // A service that fails is left alone for a while: every message would wait for it.
    moderate: (text) => service().run(() => ask(text)),
    whenDown: () => settings.get(own.moderationWhenDown),
    onFlag: ({ who, categories }) =>
      report(() => events.logModerationFlag({ user: who, flaggedCategories: categories })),
    onDown: (err) => {
      // Once it is left alone the trail says so, and a line for every message would say no more.
      if (service().state !== 'OPEN') log.warn({ err }, 'The moderation service does not answer')
    },
  })
}

/** Its library is loaded when first needed: a single command from a script needs none, and would wait for it. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Where nothing is asked whether a text may pass, every text does. */
const passEverything: Moderate = async () => ({ flagged: false, categories: [] })
