import { isBreakage, messageOf } from './breakage.ts'
import { within } from './deadline.ts'
import { Unanswered } from './link.ts'

/** Calls of the library that are under way. When the page goes away, none of them may wait for its deadline. */
export class Calls {
  readonly #breakers = new Set<(error: Error) => void>()

  get count(): number {
    return this.#breakers.size
  }

  async run<T>(what: string, deadline: number, action: () => Promise<T>): Promise<T> {
    let breaker: (error: Error) => void = () => {}
    const broken = new Promise<never>((_, reject) => {
      breaker = reject
    })
    this.#breakers.add(breaker)
    try {
      return await within(what, deadline, Promise.race([action(), broken]))
    } catch (error) {
      throw isBreakage(error) ? new Unanswered(`${what}: ${messageOf(error)}`, { cause: error }) : error
    } finally {
      this.#breakers.delete(breaker)
    }
  }

  breakOff(why: string): void {
    for (const breaker of this.#breakers) breaker(new Unanswered(why))
  }
}
