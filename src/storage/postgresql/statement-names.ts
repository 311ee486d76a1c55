import { hash } from 'node:crypto'

/** So many statements a connection keeps prepared at most: each plan takes memory of the server. */
const MAX_NAMES = 200

/**
 * Names under which the server keeps statements prepared. With a partition for each month, planning takes several times
 * as long as what is planned. Only what comes again gets a name: lists of values make texts that never do.
 */
export class StatementNames {
  readonly #seen = new Map<string, string | undefined>()
  #count = 0

  nameOf(text: string): string | undefined {
    const name = this.#seen.get(text)
    if (name !== undefined) return name
    if (!this.#seen.has(text) || this.#count >= MAX_NAMES) {
      if (this.#seen.size < MAX_NAMES * 10) this.#seen.set(text, undefined)
      return undefined
    }
    this.#count++
    const given = `cw_${hash('sha256', text).slice(0, 24)}`
    this.#seen.set(text, given)
    return given
  }
}
