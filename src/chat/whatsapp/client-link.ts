import type { Client, ClientInfo, Message, MessageAck } from 'whatsapp-web.js'
import type { Logger } from '../../kernel/log.ts'
import { Calls } from './calls.ts'
import { LinkDown } from './link.ts'
import { ListenedLink } from './listened-link.ts'
import type { WhatsAppConnection } from './whatsapp.ts'

type Handler = readonly [event: string, listener: (message: Message, ack: MessageAck) => void]

/**
 * A client that belongs to somebody else, ready or not. Only listens and calls: whoever made it starts it, mends it and
 * destroys it. When it stops, its own listeners are gone and no other.
 */
export class ClientLink extends ListenedLink implements WhatsAppConnection {
  readonly ended: Promise<void>
  readonly #client: Client
  readonly #calls = new Calls()
  #isReady = false
  #isStopped = false
  #end: () => void = () => {}

  constructor(client: Client, log: Logger) {
    super(log)
    this.#client = client
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
    this.waiters.wake()
    this.#end()
  }

  async call<T>(what: string, deadline: number, action: (client: Client) => Promise<T>): Promise<T> {
    if (!this.#isReady) throw new LinkDown(`${what}: the client is not connected`)
    return this.#calls.run(what, deadline, () => action(this.#client))
  }

  breakOff(why: string): void {
    this.#calls.breakOff(why)
  }

  protected get isUp(): boolean {
    return this.#isReady
  }

  protected get downForGood(): string | undefined {
    return this.#isStopped ? 'Detached from the client' : undefined
  }

  readonly #onReady = (): void => {
    this.#isReady = true
    this.waiters.wake()
    const me = infoOf(this.#client)?.wid._serialized
    if (me !== undefined) this.on.ready.emit(me)
  }

  readonly #onMessage = (message: Message): void => {
    // A client that brings messages is there, even if its `ready` was missed.
    if (!this.#isReady) this.#onReady()
    this.on.message.emit(message)
  }

  readonly #onDown = (): void => {
    this.#isReady = false
    this.#calls.breakOff('The client was disconnected')
  }

  readonly #handlers: readonly Handler[] = [
    ['ready', this.#onReady],
    ['disconnected', this.#onDown],
    ['message', this.#onMessage],
    ['message_create', (message) => message.fromMe && this.on.ownMessage.emit(message)],
    ['message_ack', (message, ack) => this.on.ack.emit(message, ack)],
  ]
}

/** Declared as always there, but there only from `ready` on. */
const infoOf = (client: Client): ClientInfo | undefined => client.info
