import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, DAY } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import { Calendar } from './calendar.ts'
import { type JobLeases, KeptLease, LEASE_TIMES, type LeaseTimes } from './kept-lease.ts'
import { CalendarTimer, IntervalTimer, type JobTimer } from './timers.ts'

/** When a job is due: `every` so many milliseconds that have passed, or at times of the calendar. */
type Timing =
  | { readonly every: number; readonly cron?: undefined; readonly timezone?: undefined }
  | {
      /** Five cron fields. */
      readonly cron: string
      /** In which they are read (IANA name), where that is not the scheduler's. */
      readonly timezone?: string
    }

export type Job = Work & Timing

interface Work {
  readonly name: string
  /** Whether it runs in one process at a time, and is caught up when it was missed. */
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
 * Runs jobs at their times; exclusive ones also at once where the last good run is more than a day old, and soon where there was
 * none since they were due. Of several processes, one runs an exclusive job; the others look whether it ends well there, and take
 * it over if not. Never keeps a process alive.
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
  readonly #busy = new Set<Job>()
  /** That were due again while they ran: one line for each run. */
  readonly #late = new Set<Job>()
  readonly #timers = new Map<Job, JobTimer>()
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
    return this.#timers.size > 0
  }

  /** Starting twice is the same as once. */
  start(): void {
    if (this.isRunning) return
    this.#stopping = new AbortController()
    for (const job of this.#jobs) this.#timers.set(job, this.#timerOf(job))
    for (const [job, timer] of this.#timers) {
      // What was due before is caught up by those that know whether it was done.
      if (!job.exclusive) timer.pass()
      timer.start()
      if (job.exclusive || job.atStart) void this.#run(job, this.#clock.now() - DAY)
    }
  }

  /** Resolves when no job runs any more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const look of this.#looks.values()) clearTimeout(look)
    this.#looks.clear()
    for (const timer of this.#timers.values()) timer.stop()
    this.#timers.clear()
    await Promise.all(this.#running)
  }

  #timerOf(job: Job): JobTimer {
    if (job.cron === undefined) return new IntervalTimer(job.every, () => this.#begin(job, this.#clock.now()))
    const calendar = new Calendar(job.cron, job.timezone ?? this.#timezone)
    const now = () => this.#clock.now()
    return new CalendarTimer(calendar, now, (due) => this.#begin(job, due))
  }

  /** @returns whether it has begun, which it does not beside itself. */
  #begin(job: Job, since: number): boolean {
    if (!this.#busy.has(job)) {
      void this.#run(job, since)
      return true
    }
    if (!this.#late.has(job)) this.#log.warn({ job: job.name }, 'A scheduled job is still running at its next time')
    this.#late.add(job)
    return false
  }

  /** Runs the job; an exclusive one unless it ended well at `since` or later, here or elsewhere. */
  #run(job: Job, since: number): Promise<void> {
    this.#busy.add(job)
    const run = this.#attempt(job, since).finally(() => {
      this.#running.delete(run)
      this.#busy.delete(job)
      this.#late.delete(job)
    })
    this.#running.add(run)
    return run
  }

  async #attempt(job: Job, since: number): Promise<void> {
    try {
      if (job.exclusive) await this.#runAlone(job, since)
      else if ((await job.isDue?.()) !== false) await job.run(this.#stopping.signal)
    } catch (error) {
      this.#log.error({ err: error, job: job.name }, 'A scheduled job failed; it is tried again at its next time')
    }
  }

  async #runAlone(job: Job, since: number): Promise<void> {
    const { lease = job.name } = job
    const asked = performance.now()
    const answer = this.#held.has(lease) ? 'held' : await this.#ask(job, lease, since)
    if (answer === 'taken') await this.#work(job, lease, since, asked)
    // Whoever has it may die in it.
    else if (answer === 'held') this.#lookAgain(job, since)
  }

  /** While nothing answers it counts as another's: what was due then is not left until it is due again. */
  async #ask(job: Job, lease: string, since: number): ReturnType<JobLeases['take']> {
    try {
      if ((await job.isDue?.()) === false) return 'done'
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

  async #work(job: Job, lease: string, since: number, asked: number): Promise<void> {
    this.#held.add(lease)
    this.#timers.get(job)?.pass()
    const kept = new KeptLease({ leases: this.#leases, lease, times: this.#times, since: asked, log: this.#log })
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
      // Whoever has it now may not do it: it may only be this machine that has slept, or whose clock was set.
      if (!finished && kept.lost.aborted) this.#lookAgain(job, since)
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
      if (this.#busy.has(job)) this.#lookAgain(job, since)
      else void this.#run(job, since)
    }, this.#times.lookEvery).unref()
    this.#looks.set(job, look)
  }
}
