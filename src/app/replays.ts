import { ObeyedHolds } from '../audit/verify/obeyed.ts'
import { ArchiveReplay, HoldReplay, RestoredReplay, WitnessReplay } from '../audit/verify/own-replays.repository.ts'
import type { Replay } from '../audit/verify/replay.ts'
import { ConfirmationReplay } from '../commands/confirmation-replay.ts'
import { ActorReplay } from '../roles/actor-replay.ts'
import { AccountReplay, BlockReplay, UserReplay } from '../roles/replay.repository.ts'
import { SettingReplay } from '../settings/replay.repository.ts'

/** All by which `verify` brings entries together with those before them, and with what the database says now. */
export function replaysOf(): readonly Replay[] {
  const [users, accounts, blocks, holds] = [new UserReplay(), new AccountReplay(), new BlockReplay(), new HoldReplay()]
  return [
    users,
    blocks,
    accounts,
    new SettingReplay(),
    holds,
    new WitnessReplay(),
    new ArchiveReplay(),
    new RestoredReplay(),
    new ActorReplay(users, accounts, blocks),
    new ObeyedHolds(holds, (subject) => accounts.allOf(subject)),
    new ConfirmationReplay(users, accounts),
  ]
}
