import type { Client, ClientInfo, Message, MessageAck } from 'whatsapp-web.js'
import type { Logger } from '../../kernel/log.ts'
import { Calls } from './calls.ts'
import { LinkDown } from './link.ts'
import { Listeners } from './listeners.ts'
import type { WhatsAppConnection } from './whatsapp.ts'

type Handler = readonly [event: string, listener: (message: Message, ack: MessageAck) => void]

/**
 * A client that belongs to somebody else, ready or not. Only listens and calls: whoever made it starts it, mends it and
 * destroys it. When it stops, its own listeners are gone and no other.
 */
export class ClientLink implements WhatsAppConnection {
  readonly ended: Promise<void>
  readonly #client: Client
  readonly #message: Listeners<[Message]>
  readonly #ownMessage: Listeners<[Message]>
  readonly #ack: Listeners<[Message, MessageAck]>
  readonly #ready: Listeners<[string]>
  readonly #calls = new Calls()
  readonly #waiting = new Set<() => void>()
  #isUp = false
  #isStopped = false
  #end: () => void = () => {}

  constructor(client: Client, log: Logger) {
    this.#client = client
    this.#message = new Listeners('a message', log)
    this.#ownMessage = new Listeners('an own message', log)
    this.#ack = new Listeners('an acknowledgement', log)
    this.#ready = new Listeners('a new connection', log)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  async start(): Promise<void> {
    for (const [event, listener] of this.#handlers) this.#client.on(event, listener)
    if (infoOf(this.#client) !== undefined) this.#onReady()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const [event, listener] of this.#handlers) this.#client.off(event, listener)
    this.#onDown()
    this.#wake()
    this.#end()
  }

  async call<T>(what: string, deadline: number, action: (client: Client) => Promise<T>): Promise<T> {
    if (!this.#isUp) throw new LinkDown(`${what}: the client is not connected`)
    return this.#calls.run(what, deadline, () => action(this.#client))
  }

  async up(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    while (!this.#isUp) {
      if (this.#isStopped) throw new LinkDown('Detached from the client')
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake)
      })
      signal?.throwIfAborted()
    }
  }

  onMessage(listener: (message: Message) => void): void {
    this.#message.add(listener)
  }

  onOwnMessage(listener: (message: Message) => void): void {
    this.#ownMessage.add(listener)
  }

  onAck(listener: (message: Message, ack: MessageAck) => void): void {
    this.#ack.add(listener)
  }

  onReady(listener: (me: string) => void): void {
    this.#ready.add(listener)
  }

  readonly #onReady = (): void => {
    this.#isUp = true
    this.#wake()
    const me = infoOf(this.#client)?.wid._serialized
    if (me !== undefined) this.#ready.emit(me)
  }

  readonly #onMessage = (message: Message): void => {
    // A client that brings messages is there, even if its `ready` was missed.
    if (!this.#isUp) this.#onReady()
    this.#message.emit(message)
  }

  readonly #onDown = (): void => {
    this.#isUp = false
    this.#calls.breakOff('The client was disconnected')
  }

  readonly #handlers: readonly Handler[] = [
    ['ready', this.#onReady],
    ['disconnected', this.#onDown],
    ['message', this.#onMessage],
    ['message_create', (message) => message.fromMe && this.#ownMessage.emit(message)],
    ['message_ack', (message, ack) => this.#ack.emit(message, ack)],
  ]

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

/** Declared as always there, but there only from `ready` on. */
const infoOf = (client: Client): ClientInfo | undefined => client.info
