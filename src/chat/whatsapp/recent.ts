/** The newest ids of something, so that memory stays bounded however long the process lives. */
export class Recent {
  readonly #limit: number
  readonly #ids = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Whether the id is new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    if (this.#ids.size > this.#limit) this.#ids.delete(this.#ids.values().next().value ?? '')
    return true
  }
}
