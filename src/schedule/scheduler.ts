import { setTimeout as sleep } from 'node:timers/promises'
import { Cron } from 'croner'
import { type Clock, DAY } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import { type JobLeases, KeptLease, LEASE_TIMES, type LeaseTimes } from './kept-lease.ts'

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
  /**
   * `stopping` says that the scheduler is being stopped, and waits for the job; or that its lease was lost, so that
   * another may run it. A job that then leaves something undone throws: it did not end well.
   */
  run(stopping: AbortSignal): Promise<void>
}

/**
 * Runs jobs at their times, and at once where the last good run is more than a day old. Of several processes, one runs
 * an exclusive job; the others look whether it ends well there, and take it over if not. Never keeps a process alive.
 */
export class Scheduler {
  readonly #jobs: readonly Job[]
  readonly #leases: JobLeases
  readonly #clock: Clock
  readonly #log: Logger
  readonly #timezone: string
  readonly #times: LeaseTimes
  readonly #running = new Set<Promise<void>>()
  /** Leases that this process has, whether or not it lost them meanwhile. */
  readonly #held = new Set<string>()
  /** Of jobs that another process had when they were due. */
  readonly #looks = new Map<Job, NodeJS.Timeout>()
  /** That asked in vain last time: one line for a whole outage. */
  readonly #unanswered = new Set<Job>()
  #tasks: readonly Cron[] = []
  #stopping = new AbortController()

  constructor(
    jobs: readonly Job[],
    leases: JobLeases,
    clock: Clock,
    log: Logger,
    timezone: string,
    times: LeaseTimes = LEASE_TIMES,
  ) {
    this.#jobs = jobs
    this.#leases = leases
    this.#clock = clock
    this.#log = log
    this.#timezone = timezone
    this.#times = times
  }

  get isRunning(): boolean {
    return this.#tasks.length > 0
  }

  /** Starting twice is the same as once. */
  start(): void {
    if (this.isRunning) return
    this.#stopping = new AbortController()
    this.#tasks = this.#jobs.map((job) => {
      const log = this.#log
      const protect = () => log.warn({ job: job.name }, 'A scheduled job is still running at its next time')
      const options = { protect, unref: true, timezone: job.timezone ?? this.#timezone }
      return new Cron(job.cron, options, (cron: Cron) => this.#run(job, this.#dueAt(cron)))
    })
    for (const job of this.#jobs) if (job.exclusive || job.atStart) void this.#run(job, this.#clock.now() - DAY)
  }

  /** The same in all processes, however late each is: what ended well after it is not run again. */
  #dueAt(cron: Cron): number {
    const now = this.#clock.now()
    // Those before a moment, so that one that is due at this very moment is among them.
    const [due] = cron.previousRuns(1, new Date(now + 1))
    return due?.getTime() ?? now
  }

  /** Resolves when no job runs any more. */
  async stop(): Promise<void> {
    const tasks = this.#tasks
    this.#tasks = []
    this.#stopping.abort()
    for (const look of this.#looks.values()) clearTimeout(look)
    this.#looks.clear()
    for (const task of tasks) task.stop()
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
    if (this.#held.has(lease)) return
    const asked = performance.now()
    const answer = await this.#ask(job, lease, since)
    if (answer === 'taken') await this.#work(job, lease, asked)
    // Whoever has it may die in it.
    else if (answer === 'held' && !this.#held.has(lease)) this.#lookAgain(job, since)
  }

  /** While nothing answers it counts as another's: what was due then is not left until it is due again. */
  async #ask(job: Job, lease: string, since: number): ReturnType<JobLeases['take']> {
    try {
      const answer = await this.#leases.take(lease, this.#times.duration, since)
      this.#unanswered.delete(job)
      return answer
    } catch (err) {
      if (!this.#unanswered.has(job))
        this.#log.warn(
          { err, job: job.name },
          'Whether a scheduled job is to be run cannot be asked: it is asked again',
        )
      this.#unanswered.add(job)
      return 'held'
    }
  }

  async #work(job: Job, lease: string, since: number): Promise<void> {
    this.#held.add(lease)
    const kept = new KeptLease({ leases: this.#leases, lease, times: this.#times, since, log: this.#log })
    const stopping = AbortSignal.any([this.#stopping.signal, kept.lost])
    let finished = false
    try {
      await job.run(stopping)
      finished = true
    } catch (error) {
      if (!stopping.aborted || error !== stopping.reason) throw error
      this.#log.info({ job: job.name }, 'A scheduled job was stopped before its end')
    } finally {
      kept.end()
      this.#held.delete(lease)
      await this.#release(lease, finished)
    }
  }

  /** Tries for as long as nobody else can have it: what has ended well is not to be done again by others. */
  async #release(lease: string, finished: boolean): Promise<void> {
    const until = performance.now() + this.#times.duration
    for (;;)
      try {
        return await this.#leases.release(lease, finished)
      } catch (error) {
        const wait = this.#times.extendEvery / 10
        if (performance.now() + wait > until) throw error
        await sleep(wait, undefined, { ref: false, signal: this.#stopping.signal })
      }
  }

  /** Beside the times of the job, which go on: a run that waits would keep them off. */
  #lookAgain(job: Job, since: number): void {
    if (this.#stopping.signal.aborted) return
    clearTimeout(this.#looks.get(job))
    const look = setTimeout(() => {
      this.#looks.delete(job)
      void this.#run(job, since)
    }, this.#times.lookEvery).unref()
    this.#looks.set(job, look)
  }
}
