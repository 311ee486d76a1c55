import { Client, type ClientConfig } from 'pg'
import { settle, type Use } from './session.ts'

export interface SessionConfig extends ClientConfig {
  readonly use: Use
}

/** A connection whose session is settled once it is made, of its own or of a pool. */
export class SessionClient extends Client {
  readonly #use: Use

  constructor(config: SessionConfig) {
    super(config)
    // The driver would send what PGOPTIONS says, which a pooler refuses.
    Object.assign((this as unknown as { connectionParameters: object }).connectionParameters, { options: undefined })
    this.#use = config.use
    // A connection that breaks is told by the question that it breaks, and the settings are the first: a pool listens later.
    this.on('error', () => {})
  }

  override connect: Client['connect'] = ((done?: (error?: Error) => void) => {
    const connected = this.#connect()
    if (done === undefined) return connected
    connected.then(() => done(), done)
  }) as never

  async #connect(): Promise<void> {
    await super.connect()
    try {
      await settle(this, this.#use)
    } catch (error) {
      // A pool forgets what could not connect, and would leave it open.
      await this.end().catch(() => {})
      throw error
    }
  }
}
