import type { Client, Message, MessageAck } from 'whatsapp-web.js'
import type { Logger } from '../../kernel/log.ts'
import { Announcements } from './announcements.ts'
import { type Link, LinkDown } from './link.ts'
import { Waiters } from './waiters.ts'

/** What every link has in common: those who listen to it, and those who wait for it. */
export abstract class ListenedLink implements Link {
  protected readonly on: Announcements
  /** Woken whenever `isUp` or `downForGood` may have changed. */
  protected readonly waiters = new Waiters()

  constructor(log: Logger) {
    this.on = new Announcements(log)
  }

  abstract call<T>(what: string, deadline: number, action: (client: Client) => Promise<T>): Promise<T>
  protected abstract get isUp(): boolean
  /** Why there will be no connection any more; `undefined` as long as there may be one. */
  protected abstract get downForGood(): string | undefined

  async up(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    while (!this.isUp) {
      if (this.downForGood !== undefined) throw new LinkDown(this.downForGood)
      await this.waiters.next(signal)
      signal?.throwIfAborted()
    }
  }

  onMessage(listener: (message: Message) => void): void {
    this.on.message.add(listener)
  }

  onOwnMessage(listener: (message: Message) => void): void {
    this.on.ownMessage.add(listener)
  }

  onAck(listener: (message: Message, ack: MessageAck) => void): void {
    this.on.ack.add(listener)
  }

  onReady(listener: (me: string) => void): void {
    this.on.ready.add(listener)
  }
}
