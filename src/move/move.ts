import type { Actor } from '../audit/entry/entry.ts'
import type { Replay } from '../audit/verify/replay.ts'
import type { Verification } from '../audit/verify/verify.ts'
import type { SigningKey } from '../audit/write/signing-key.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Beside, MovedSpool } from './beside.ts'

/** How far a move has come. `copied`: what was there at first; `locked`: the source takes nothing more. */
type Stage = 'copying' | 'copied' | 'locked' | 'brought' | 'verified' | 'marked'

export interface MoveRequest {
  /** The place of the trail is in it: `file:PATH` and `postgresql://…`. */
  readonly beside: Beside
  /** The key that signs the trail. @throws {MoveError} where there is none. */
  key(): SigningKey
  /** Who moves it. */
  readonly actor: Actor
  /** What is compared with what entries established. */
  replays(): readonly Replay[]
  readonly clock: Clock
  /** So many entries are copied at once. */
  readonly batch?: number
  onStage?(stage: Stage): void | Promise<void>
  onCopy?(done: number, total: number): void | Promise<void>
  onCheck?(done: number, total: number): void
}

export interface MovedTrail {
  readonly destination: string
  readonly verification: Verification
  /** That of the file, which the entry about the move comes after. */
  readonly checkpoint: string
  /** How many rows each table got, besides the trail's own. */
  readonly rows: Readonly<Record<string, number>>
  /** What lies beside the database now. */
  readonly files: readonly string[]
  readonly spool: MovedSpool
}

/** It was moved before: what waited since then was taken along. */
export interface MovedBefore {
  readonly destination: string
  readonly movedAt: Date
  readonly spool: MovedSpool
}

/** Why the copy is not the trail: what differs, or what its check found. */
export type Objection = { readonly problem: string } | { readonly findings: Verification }
