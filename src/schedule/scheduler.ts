import cron, { type ScheduledTask, type TaskOptions } from 'node-cron'
import { type Clock, DAY, HOUR } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'

export interface Job {
  readonly name: string
  /** Five cron fields, in the scheduler's time zone. */
  readonly cron: string
  /** Whether it runs in one process at a time, and is caught up when a day was missed. */
  readonly exclusive: boolean
  run(): Promise<void>
}

/** What lets a job run in one process at a time, and once for each time it is due. */
export interface JobLeases {
  take(name: string, duration: number, since: number): Promise<boolean>
  release(name: string, finished: boolean): Promise<void>
}

/** A process that dies in a job keeps others from it for this long. */
const LEASE = HOUR

/** Runs jobs at their times, and at once where the last good run is more than a day old. Never keeps a process alive. */
export class Scheduler {
  readonly #jobs: readonly Job[]
  readonly #leases: JobLeases
  readonly #clock: Clock
  readonly #log: Logger
  readonly #timezone: string
  readonly #running = new Set<Promise<void>>()
  #tasks: readonly ScheduledTask[] = []

  constructor(jobs: readonly Job[], leases: JobLeases, clock: Clock, log: Logger, timezone: string) {
    this.#jobs = jobs
    this.#leases = leases
    this.#clock = clock
    this.#log = log
    this.#timezone = timezone
  }

  get isRunning(): boolean {
    return this.#tasks.length > 0
  }

  /** Starting twice is the same as once. */
  start(): void {
    if (this.isRunning) return
    const options = { timezone: this.#timezone, noOverlap: true, unref: true, logger: asLogger(this.#log) }
    this.#tasks = this.#jobs.map((job) =>
      cron.schedule(job.cron, ({ date }) => this.#run(job, date.getTime()), { ...options, name: job.name }),
    )
    for (const job of this.#jobs) if (job.exclusive) void this.#run(job, this.#clock.now() - DAY)
  }

  /** Resolves when no job runs any more. */
  async stop(): Promise<void> {
    const tasks = this.#tasks
    this.#tasks = []
    for (const task of tasks) await task.destroy()
    await Promise.all(this.#running)
  }

  /** Runs the job; an exclusive one unless it ended well at `since` or later, here or elsewhere. */
  #run(job: Job, since: number): Promise<void> {
    const run = this.#attempt(job, since).finally(() => this.#running.delete(run))
    this.#running.add(run)
    return run
  }

  async #attempt(job: Job, since: number): Promise<void> {
    try {
      if (!job.exclusive) return await job.run()
      if (!(await this.#leases.take(job.name, LEASE, since))) return
      let finished = false
      try {
        await job.run()
        finished = true
      } finally {
        await this.#leases.release(job.name, finished)
      }
    } catch (error) {
      this.#log.error({ err: error, job: job.name }, 'A scheduled job failed; it is tried again at its next time')
    }
  }
}

/** What node-cron itself has to say goes where all logs go: by default it would print it, some of it on stdout. */
function asLogger(log: Logger): NonNullable<TaskOptions['logger']> {
  return {
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    error: (message, error) => log.error({ err: error ?? message }, 'The scheduler failed'),
    debug: (message) => log.debug(String(message)),
  }
}
