import cron, { type ScheduledTask, type TaskOptions } from 'node-cron'
import { type Clock, DAY, HOUR } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'

export interface Job {
  readonly name: string
  /** Five cron fields. */
  readonly cron: string
  /** In which they are read (IANA name), where that is not the scheduler's. */
  readonly timezone?: string
  /** Whether it runs in one process at a time, and is caught up when a day was missed. */
  readonly exclusive: boolean
  /** What exclusive jobs have in common that must not run beside each other; without it, the job's name. */
  readonly lease?: string
  /** Whether it runs once at the start too, in every process. */
  readonly atStart?: boolean
  /** Whether there is something to do, asked before the lease is taken: that would cost a commit. */
  isDue?(): Promise<boolean>
  /** `stopping` says that the scheduler is being stopped, and waits for the job. */
  run(stopping: AbortSignal): Promise<void>
}

/** What lets a job run in one process at a time, and once for each time it is due. */
export interface JobLeases {
  take(name: string, duration: number, since: number): Promise<boolean>
  /** Keeps a lease that is held for `duration` milliseconds from now on. */
  extend(name: string, duration: number): Promise<void>
  release(name: string, finished: boolean): Promise<void>
}

/** A process that dies in a job keeps others from it for this long. While it works, the lease is extended. */
const LEASE = HOUR
const EXTEND_EVERY = LEASE / 4

/** Runs jobs at their times, and at once where the last good run is more than a day old. Never keeps a process alive. */
export class Scheduler {
  readonly #jobs: readonly Job[]
  readonly #leases: JobLeases
  readonly #clock: Clock
  readonly #log: Logger
  readonly #timezone: string
  readonly #running = new Set<Promise<void>>()
  #tasks: readonly ScheduledTask[] = []
  #stopping = new AbortController()

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
    this.#stopping = new AbortController()
    const options = { noOverlap: true, unref: true, logger: asLogger(this.#log) }
    this.#tasks = this.#jobs.map((job) => {
      const { name, timezone = this.#timezone } = job
      return cron.schedule(job.cron, ({ date }) => this.#run(job, date.getTime()), { ...options, name, timezone })
    })
    for (const job of this.#jobs) if (job.exclusive || job.atStart) void this.#run(job, this.#clock.now() - DAY)
  }

  /** Resolves when no job runs any more. */
  async stop(): Promise<void> {
    const tasks = this.#tasks
    this.#tasks = []
    this.#stopping.abort()
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
      if ((await job.isDue?.()) === false) return
      if (job.exclusive) await this.#runAlone(job, since)
      else await job.run(this.#stopping.signal)
    } catch (error) {
      this.#log.error({ err: error, job: job.name }, 'A scheduled job failed; it is tried again at its next time')
    }
  }

  async #runAlone(job: Job, since: number): Promise<void> {
    const { lease = job.name } = job
    if (!(await this.#leases.take(lease, LEASE, since))) return
    const extend = () => this.#leases.extend(lease, LEASE)
    const warn = (err: unknown) => this.#log.warn({ err, job: job.name }, 'The lease of a job could not be extended')
    const extending = setInterval(() => void extend().catch(warn), EXTEND_EVERY).unref()
    let finished = false
    try {
      await job.run(this.#stopping.signal)
      finished = true
    } finally {
      clearInterval(extending)
      await this.#leases.release(lease, finished)
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
