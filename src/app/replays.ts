import { ObeyedHolds } from '../audit/verify/obeyed.ts'
import { ArchiveReplay, HoldReplay, RestoredReplay, WitnessReplay } from '../audit/verify/own-replays.repository.ts'
import type { Replay } from '../audit/verify/replay.ts'
import { ConfirmationReplay } from '../commands/confirmation-replay.ts'
import { MINUTE } from '../kernel/clock.ts'
import { ActorReplay } from '../roles/actor-replay.ts'
import { AccountReplay, BlockReplay, UserReplay } from '../roles/replay.repository.ts'
import { SettingReplay } from '../settings/replay.repository.ts'

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
    new ObeyedHolds(holds, (subject) => accounts.allOf(subject)),
    new ConfirmationReplay(known),
  ]
}

/** A little after it was set, so that every process has heard of it. */
function isWhitelistOn(settings: SettingReplay, at: Date): boolean {
  const mode = settings.setTo('whitelist-mode')
  return mode?.value === true && at.getTime() >= mode.changedAt + MINUTE
}
