const MOST = 5000

/** A map that forgets the oldest, so that memory stays bounded however long the process lives. */
export class BoundedMap<T> {
  readonly #limit: number
  readonly #entries = new Map<string, T>()

  constructor(limit = MOST) {
    this.#limit = limit
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: T): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value ?? '')
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}

/** The newest ids of something. */
export class Recent {
  readonly #ids: BoundedMap<true>

  constructor(limit = MOST) {
    this.#ids = new BoundedMap(limit)
  }

  has(id: string): boolean {
    return this.#ids.get(id) !== undefined
  }

  /** Whether the id is new. */
  add(id: string): boolean {
    if (this.has(id)) return false
    this.#ids.set(id, true)
    return true
  }
}
