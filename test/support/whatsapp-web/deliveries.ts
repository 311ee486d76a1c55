import type { Command } from './wire.ts'

/**
 * What is on its way to the page, kept until the page confirms it, as WhatsApp's servers do: a message sent while no
 * page listens, or to one that dies with it, arrives at the next. A page that dies just before it confirms gets it twice.
 */
export class Deliveries {
  readonly #open = new Map<number, Command>()
  #count = 0

  add(command: Command): Command & { readonly delivery: number } {
    this.#count += 1
    this.#open.set(this.#count, command)
    return { ...command, delivery: this.#count }
  }

  confirm(delivery: number): void {
    this.#open.delete(delivery)
  }

  isOpen(delivery: number): boolean {
    return this.#open.has(delivery)
  }

  get unconfirmed(): (Command & { readonly delivery: number })[] {
    return [...this.#open].map(([delivery, command]) => ({ ...command, delivery }))
  }

  /** Whether a message is still on its way. Then it is not yet part of the history. */
  holds(messageId: string): boolean {
    return [...this.#open.values()].some((each) => each.command === 'message' && each.record.id === messageId)
  }
}
