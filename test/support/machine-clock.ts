import { FakeClock } from './chatwarden.ts'

/** The clock of a machine, which can be set, beside the time that it runs, which can't. Between two processes, to set it is to wait. */
export class MachineClock extends FakeClock {
  #ran = 0
  #slept = 0

  monotonic = () => this.#ran
  uptime = () => this.#ran + this.#slept

  override advance(ms: number): void {
    this.#ran += ms
    this.time += ms
  }

  set(aheadMs: number): void {
    this.time += aheadMs
  }

  sleep(ms: number): void {
    this.#slept += ms
    this.time += ms
  }
}
