import { seenByOwnersOnly } from '../audit/entry/visibility.ts'
import { StoredEntries } from '../audit/read/stored-entries.repository.ts'
import { sparkline } from '../charts/sparkline.ts'
import { drawStackedDays } from '../charts/stacked-days.ts'
import type { ChatAdapter } from '../chat/adapter.ts'
import type { Services } from '../commands/command.ts'
import { Gate } from '../commands/gate.ts'
import { Intake } from '../commands/intake.ts'
import { PagedChats } from '../commands/paged-chats.ts'
import { Router } from '../commands/router.ts'
import { Countdown } from '../kernel/countdown.ts'
import type { Logger } from '../kernel/log.ts'
import type { NumberFound, Source } from '../kernel/message.ts'
import type { Phone } from '../kernel/phone.ts'
import { readable } from '../kernel/readable.ts'
import { PROBATION } from '../roles/new-owner.repository.ts'
import { english } from '../text/english.ts'
import { CostMeter } from '../usage/cost-meter.ts'
import type { FileParts } from './file-parts.ts'
import type { Ground } from './ground.ts'
import type { GuardParts } from './guard-parts.ts'
import type { SettingParts } from './setting-parts.ts'
import type { TrailParts } from './trail-parts.ts'

/** What answers commands, and what decides about everything else that somebody writes or costs. */
export interface CommandParts {
  readonly services: Services
  readonly intake: Intake
  readonly gate: Gate
  readonly costs: CostMeter
  /** The chats that are served now, which commands may ask who has a number. */
  readonly served: Set<ChatAdapter>
  /** The chat by which people other than the caller are told something. */
  readonly notesBy: Source | undefined
}

export function commandParts(
  ground: Ground,
  trail: TrailParts,
  settings: SettingParts,
  files: FileParts,
  { limits }: GuardParts,
): CommandParts {
  const { config, reader, clock, heard, log, instance, seals, outgoing } = ground
  const { writer, events, eventTypes, logs, evidence, erasure } = trail
  const logsForOthers = new StoredEntries(reader, seenByOwnersOnly(eventTypes))
  const served = new Set<ChatAdapter>()
  const services: Services = {
    ...settings,
    ...files,
    logsFor: (role) => (role === 'OWNER' ? logs : logsForOthers),
    eventTypes,
    reader,
    clock,
    heard,
    probation: new Countdown(clock, PROBATION),
    evidence,
    erasure,
    log,
    instance,
    seals,
    charts: { stackedDays: drawStackedDays, sparkline },
    texts: english,
    prefix: config.commandPrefix,
    defaultCountry: config.defaultCountry,
    findNumber: (phone, by) => findNumber(served, phone, by, log),
  }
  const paged = new PagedChats(clock)
  const notesBy = config.chats.find((chat) => chat === 'whatsapp')
  const router = new Router(writer, events, services, limits, log, outgoing, paged, notesBy)
  return {
    services,
    intake: new Intake(router, services, limits, paged, log),
    gate: new Gate(writer, services, limits, log),
    costs: costMeter(ground, trail, settings),
    served,
    notesBy,
  }
}

/** Asks the chats that can tell, until one does. */
async function findNumber(chats: Iterable<ChatAdapter>, phone: Phone, by: string, log: Logger): Promise<NumberFound> {
  for (const chat of chats) {
    // One of a host's making may fail where it must not.
    const asked = Promise.resolve().then(() => chat.findNumber?.(phone, by))
    const found = await asked.catch((thrown) =>
      log.error({ err: readable(thrown), source: chat.source }, 'A chat failed to find a number'),
    )
    if (found && found.kind !== 'unknown') return found
  }
  return { kind: 'unknown' }
}

function costMeter({ clock }: Ground, { writer }: TrailParts, { settings, own, time }: SettingParts): CostMeter {
  const dayOf = (moment: number) => time(new Date(moment)).slice(0, 10)
  const day = () => settings.get(own.costThresholdDay)
  const month = () => settings.get(own.costThresholdMonth)
  return new CostMeter({ writer, clock, dayOf, thresholds: { day, month } })
}
