import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { Database, Reader } from '../storage/contract.ts'
import type { ChatwardenOptions } from './chatwarden.ts'

/** What all parts stand on: the configuration, the open database and the tools that every one of them uses. */
export interface Ground {
  readonly options: ChatwardenOptions
  readonly config: Config
  readonly database: Database
  /** The database's own. */
  readonly reader: Reader
  readonly clock: Clock
  readonly log: Logger
  /** Which bot this is, of several that share a trail; the same after a restart. */
  readonly instance: string
  /** Where files lie on their way into a chat. */
  readonly outgoing: string
}
