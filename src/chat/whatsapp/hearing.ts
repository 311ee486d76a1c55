import type { Client, Message } from 'whatsapp-web.js'

/** More than can arrive between two checks without the page being in far worse trouble. */
const REMEMBERED = 2000
const LOOKED_AT = 200

/** The newest text messages that came while the page was open, as the page itself knows them. */
const LIVE = `window.require('WAWebCollections').Msg.getModelsArray()
  .filter((msg) => msg.isNewMsg && msg.type === 'chat' && !msg.id.fromMe)
  .sort((a, b) => a.t - b.t).slice(-${LOOKED_AT}).map((msg) => msg.id._serialized)`

export const liveMessages = async (client: Client): Promise<readonly string[]> =>
  ((await client.pupPage?.evaluate(LIVE)) ?? []) as string[]

/**
 * Whether events still come. A client can be "ready" and send, while no message ever reaches it. Two things prove
 * that: an own message that is not announced, and a message that the page has and that was never announced.
 */
export class Hearing {
  readonly #patience: number
  readonly #onUnproven: () => void
  readonly #heard = new Set<string>()
  readonly #owed = new Map<string, NodeJS.Timeout>()
  #early = new Set<string>()
  #suspects = new Set<string>()

  constructor(patience: number, onUnproven: () => void) {
    this.#patience = patience
    this.#onUnproven = onUnproven
  }

  /** Begins anew with a page. What is there already came before the library listened, and proves nothing. */
  begin(live: readonly string[]): void {
    this.#early = new Set(live)
  }

  /** Whether this message is announced for the first time. */
  hear(message: Message): boolean {
    const id = keyOf(message)
    clearTimeout(this.#owed.get(id))
    this.#owed.delete(id)
    if (this.#heard.has(id)) return false
    this.#heard.add(id)
    if (this.#heard.size > REMEMBERED) this.#heard.delete(this.#heard.values().next().value ?? '')
    return true
  }

  /** If this is an own message, one went out, and its announcement is due. */
  expect(result: unknown): void {
    if (!isOwnMessage(result)) return
    const id = keyOf(result)
    if (this.#heard.has(id) || this.#owed.has(id)) return
    this.#owed.set(id, setTimeout(this.#onUnproven, this.#patience))
  }

  /**
   * Messages that were not announced, neither by now nor at the check before. `isDeaf`: they should have been, and the
   * others that were not announced will not be either.
   */
  check(live: readonly string[]): { readonly missed: readonly string[]; readonly isDeaf: boolean } {
    const silent = this.unheard(live)
    const overdue = silent.filter((id) => this.#suspects.has(id))
    this.#suspects = new Set(silent)
    const isDeaf = overdue.some((id) => !this.#early.has(id))
    return { missed: isDeaf ? silent : overdue, isDeaf }
  }

  unheard(live: readonly string[]): readonly string[] {
    return live.filter((id) => !this.#heard.has(id))
  }

  end(): void {
    for (const timer of this.#owed.values()) clearTimeout(timer)
    this.#owed.clear()
  }
}

const keyOf = (message: Message): string => message.id._serialized

function isOwnMessage(result: unknown): result is Message {
  const message = result as Partial<Message> | null | undefined
  return message?.fromMe === true && typeof message.id?._serialized === 'string'
}
