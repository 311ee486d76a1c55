import type { RowSeals } from '../audit/write/row-seals.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { HeardTime } from '../kernel/heard-time.ts'
import type { Logger } from '../kernel/log.ts'
import type { Database, Reader } from '../storage/contract.ts'
import type { ChatwardenOptions } from './chatwarden.ts'

/** What the trail stands on: the configuration, the open database and the tools that every part uses. */
export interface Base {
  readonly options: ChatwardenOptions
  readonly config: Config
  readonly database: Database
  /** The database's own. */
  readonly reader: Reader
  readonly clock: Clock
  readonly heard: HeardTime
  readonly log: Logger
  /** Where files lie on their way into a chat. */
  readonly outgoing: string
}

/** What all other parts stand on. */
export interface Ground extends Base {
  /** Which bot this is, of several that share a trail; the same after a restart. */
  readonly instance: string
  readonly seals: RowSeals
}
