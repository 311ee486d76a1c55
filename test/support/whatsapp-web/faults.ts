import type { Device } from './device.ts'
import { browsersOf, kill, renderersOf } from './processes.ts'
import type { SendFault } from './wire.ts'

/** What goes wrong with WhatsApp Web. What the library makes of each is in the README, and proved in the tests. */
export class Faults {
  readonly #device: Device

  constructor(device: Device) {
    this.#device = device
  }

  /** The page stops: every library call waits until `resume()`. Resolves when it has stopped. */
  async hang(): Promise<void> {
    await this.#device.order({ command: 'hang' })
    await this.#device.waiting.until('the page to hang', () => this.#device.link.hanging)
  }

  async resume(): Promise<void> {
    this.#device.link.resume()
    await this.#device.waiting.until('the page to go on', () => !this.#device.link.hanging)
  }

  /** Kills the process that runs the page. The browser lives on and shows a dead tab. */
  async crashRenderer(): Promise<void> {
    await this.#killAndWait(renderersOf)
  }

  async killBrowser(): Promise<void> {
    await this.#killAndWait(browsersOf)
  }

  /** The next sends are rejected, and nothing goes out. */
  async sendError(times = 1): Promise<void> {
    await this.#fail('sendError', times)
  }

  /** The next sends never settle; the message goes out all the same, or does not. */
  async stallSend(goesOut: boolean, times = 1): Promise<void> {
    await this.#fail(goesOut ? 'stallAfter' : 'stallBefore', times)
  }

  /** The next sends resolve to nothing; the message goes out all the same, or does not. */
  async blankSend(goesOut: boolean, times = 1): Promise<void> {
    await this.#fail(goesOut ? 'blankAfter' : 'blankBefore', times)
  }

  /** The next messages are shown as sent and never leave the page: they are gone with it. */
  async loseSend(times = 1): Promise<void> {
    await this.#fail('loseSend', times)
  }

  /** Marking a chat as seen is rejected, which the library does before each send unless told otherwise. */
  async seenError(times = 1): Promise<void> {
    await this.#fail('seenError', times)
  }

  /** The next page loads are in sync before the library listens: `authenticated` and `ready` never come. */
  missedReady(loads = 1): void {
    this.#device.loadFaults.missReady = loads
  }

  /** After the next page loads all seems well, but no message event ever comes. */
  falseReady(loads = 1): void {
    this.#device.loadFaults.falseReady = loads
  }

  /** The same, from now on, to the page that is there. */
  async deafen(): Promise<void> {
    await this.#device.command({ command: 'deafen' })
  }

  /** Resolves when all send faults that were ordered have struck. */
  async struck(): Promise<void> {
    await this.#device.waiting.until('the faults to strike', () => this.#device.faultsLeft === 0)
  }

  /** `authenticated` and `ready` once more. */
  async repeatReady(): Promise<void> {
    await this.#device.command({ command: 'syncAgain' })
  }

  /** The same message event once more. */
  duplicate(id: string): void {
    this.#device.deliver({ command: 'again', id })
  }

  /** The connection's state, e.g. `TIMEOUT`, `OPENING`, `UNPAIRED`. */
  async changeState(state: string): Promise<void> {
    await this.#device.command({ command: 'state', state })
  }

  /** WhatsApp Web was opened elsewhere with the same session. */
  async conflict(): Promise<void> {
    await this.changeState('CONFLICT')
  }

  /** The page loads anew. Resolves when the new one is connected. */
  async reload(): Promise<void> {
    const { loads } = this.#device
    await this.#device.order({ command: 'reload' })
    await this.#device.waiting.until('the new page', () => this.#device.loads > loads)
  }

  /** The next page loads bring a page without WhatsApp Web in it. */
  failLoad(loads = 1): void {
    this.#device.loadFaults.fail = loads
  }

  /** A reload that brings no WhatsApp Web, so that the library cannot inject itself again. */
  async failReinjection(): Promise<void> {
    this.failLoad()
    await this.#device.order({ command: 'reload' })
    await this.#device.waiting.until('the page to go', () => !this.#device.link.connected)
  }

  /** The owner removes this device in the telephone's settings. Resolves when the page asks to be paired again. */
  async logout(): Promise<void> {
    const { loads } = this.#device
    this.#device.unlink()
    await this.#device.order({ command: 'logout' })
    await this.#device.waiting.until('the page to log out', () => this.#device.loads > loads)
  }

  async #fail(fault: SendFault, times: number): Promise<void> {
    this.#device.faultsLeft += times
    await this.#device.command({ command: 'fault', fault, times })
  }

  async #killAndWait(processes: (port: number) => number[]): Promise<void> {
    kill(processes(this.#device.link.port))
    await this.#device.waiting.until('the page to die', () => !this.#device.link.connected)
  }
}
