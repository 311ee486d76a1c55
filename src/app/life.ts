import { removeStale } from '../commands/outgoing.ts'
import type { Config } from '../config.ts'
import { afterFailure } from '../kernel/after-failure.ts'
import { DAY } from '../kernel/clock.ts'
import { countNewOwners } from '../roles/new-owner.repository.ts'
import { seed } from '../roles/seed.ts'
import { watchPools } from '../storage/pool-watch.ts'
import type { ChatParts } from './chat-parts.ts'
import type { CommandParts } from './command-parts.ts'
import type { FileParts } from './file-parts.ts'
import type { Ground } from './ground.ts'
import type { GuardParts } from './guard-parts.ts'
import type { JobParts } from './job-parts.ts'
import type { SettingParts } from './setting-parts.ts'
import type { TrailParts } from './trail-parts.ts'

type Parts = TrailParts & SettingParts & FileParts & GuardParts & CommandParts & ChatParts & JobParts

/** The order in which an instance starts and ends. */
export class Life {
  readonly #ground: Ground
  readonly #parts: Parts
  readonly #unwatchPools: () => void
  #closing: Promise<void> | undefined

  constructor(ground: Ground, parts: Parts) {
    this.#ground = ground
    this.#parts = parts
    this.#unwatchPools = watchPools(ground.database.shared, ground.log)
    // What a command sets counts from its commit on.
    parts.writer.onCommit(() => parts.settings.committed())
  }

  /** @throws what kept it from starting; everything is closed then. */
  async start(): Promise<void> {
    const { options, outgoing, clock, log } = this.#ground
    const { writer, spool, observations, settings, scheduler, clockTrust } = this.#parts
    try {
      await writer.watch.start(log)
      await clockTrust.begin()
      await this.#countNewOwners()
      await spool.open()
      await this.seed(false)
      observations.start()
      if (!(await clockTrust.isInDoubt())) await removeStale(outgoing, clock.now() - 7 * DAY)
      settings.watch()
      if (options.jobs ?? true) scheduler.start()
    } catch (error) {
      await afterFailure(error, () => this.close())
    }
  }

  #countNewOwners(): Promise<void> {
    const { writer, services } = this.#parts
    return countNewOwners(writer, this.#ground.reader, services.probation)
  }

  /** Gives the configured numbers their roles; with `force` also those that were given theirs before. */
  async seed(force: boolean): Promise<void> {
    const { config, reader, clock } = this.#ground
    const trialOwner = config.chats.includes('terminal')
    await seed(this.#parts.writer, reader, { accounts: configuredRoles(config), trialOwner, force }, clock)
  }

  /** Starts the jobs, if they do not run yet. */
  startJobs(): void {
    if (this.#closing === undefined) this.#parts.scheduler.start()
  }

  /** What takes messages ends first, the database last. Closing twice is fine. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { answering, scheduler, settings, reports, clockTrust, observations, writer, kept, objects } = this.#parts
    await answering.stop()
    await scheduler.stop()
    settings.unwatch()
    this.#unwatchPools()
    await writer.watch.stop()
    await answering.ended()
    await reports.settled()
    // It is counted anew where that can't be written.
    await clockTrust.countIfInDoubt().catch(() => {})
    await this.#countNewOwners().catch(() => {})
    try {
      await observations.close()
      await writer.flush()
      await kept.close()
    } finally {
      objects?.close()
      await this.#ground.database.close()
    }
  }
}

function configuredRoles({ ownerPhoneNumbers, adminPhoneNumbers, operatorPhoneNumbers }: Config) {
  return [
    ...ownerPhoneNumbers.map((account) => [account, 'OWNER'] as const),
    ...adminPhoneNumbers.map((account) => [account, 'ADMIN'] as const),
    ...operatorPhoneNumbers.map((account) => [account, 'OPERATOR'] as const),
  ]
}
