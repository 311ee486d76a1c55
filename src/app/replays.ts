import { ArchiveReplay, HoldReplay, RestoredReplay, WitnessReplay } from '../audit/verify/own-replays.repository.ts'
import type { Replay } from '../audit/verify/replay.ts'
import { AccountReplay, BlockReplay, UserReplay } from '../roles/replay.repository.ts'
import { SettingReplay } from '../settings/replay.repository.ts'

/** All that `verify` compares with what entries established. */
export const replaysOf = (): readonly Replay[] => [
  new UserReplay(),
  new BlockReplay(),
  new AccountReplay(),
  new SettingReplay(),
  new HoldReplay(),
  new WitnessReplay(),
  new ArchiveReplay(),
  new RestoredReplay(),
]
