import { ExportedDayReplay } from '../audit/export/exported-day-replay.repository.ts'
import { ArchiveReplay } from '../audit/verify/archive-replay.repository.ts'
import { ClockReplay } from '../audit/verify/clock-replay.ts'
import { ObeyedHoldsReplay } from '../audit/verify/obeyed-holds-replay.ts'
import { HoldReplay, RestoredReplay, WitnessReplay } from '../audit/verify/own-replays.repository.ts'
import type { Replay } from '../audit/verify/replay.ts'
import { SealReplay } from '../audit/verify/seal-replay.repository.ts'
import { ConfirmationReplay } from '../commands/confirmation-replay.repository.ts'
import { HOUR } from '../kernel/clock.ts'
import { ActorReplay } from '../roles/actor-replay.ts'
import { AccountReplay, BlockReplay, UserReplay } from '../roles/replay.repository.ts'
import { SeededReplay } from '../roles/seeded-replay.repository.ts'
import { SettingReplay } from '../settings/replay.repository.ts'
import { SEALED_TABLES } from '../storage/covers.ts'

/** All by which `verify` brings entries together with those before them, and with what the database says now. */
export function replaysOf(): readonly Replay[] {
  const [users, accounts, blocks] = [new UserReplay(), new AccountReplay(), new BlockReplay()]
  const [settings, holds] = [new SettingReplay(), new HoldReplay()]
  const known = { users, accounts, blocks, isWhitelistOn: (at: Date) => isWhitelistOn(settings, at) }
  return [
    users,
    blocks,
    accounts,
    settings,
    holds,
    new WitnessReplay(),
    new ArchiveReplay(),
    new RestoredReplay(),
    new ActorReplay(known),
    new ObeyedHoldsReplay(holds, (subject) => accounts.allOf(subject)),
    new ClockReplay(),
    new ConfirmationReplay(known),
    new SeededReplay(),
    new ExportedDayReplay(),
    ...[...SEALED_TABLES].map(([table, columns]) => new SealReplay(table, columns)),
  ]
}

/** Every process has heard of a setting by then. It takes five seconds, but clocks are set, and machines sleep. */
const HEARD_BY_ALL = HOUR

function isWhitelistOn(settings: SettingReplay, at: Date): boolean {
  const mode = settings.setTo('whitelist-mode')
  return mode?.value === true && at.getTime() >= mode.changedAt + HEARD_BY_ALL
}
