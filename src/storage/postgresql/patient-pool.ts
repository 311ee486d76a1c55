import { setTimeout as sleep } from 'node:timers/promises'
import { Pool, type PoolClient } from 'pg'

type Done = (error: Error | undefined, client?: PoolClient, release?: (error?: Error | boolean) => void) => void

/** How long who needs a connection waits for one on a server that has none left. */
const PATIENCE_MS = 5000
const AGAIN_MS = 50
/** How long the pool does with what it has before it asks the server for more again. */
const CONTENT_MS = 5000

/**
 * A pool on a server that may have no connection left for it: it goes on with those that it has, one question after the
 * other, where the stock one fails every question that would need one more.
 */
export class PatientPool extends Pool {
  readonly #max = this.options.max
  #asking: NodeJS.Timeout | undefined

  override connect: Pool['connect'] = ((done?: Done) => {
    const connected = this.#connect()
    if (done === undefined) return connected
    connected.then((client) => done(undefined, client, client.release.bind(client)), done)
  }) as never

  async #connect(): Promise<PoolClient> {
    const deadline = performance.now() + PATIENCE_MS
    while (true) {
      try {
        return await super.connect()
      } catch (error) {
        if ((error as { code?: unknown }).code !== '53300' || performance.now() > deadline) throw error
      }
      this.#doWithThese()
      await sleep(AGAIN_MS)
    }
  }

  #doWithThese(): void {
    this.options.max = Math.max(1, this.totalCount)
    clearTimeout(this.#asking)
    this.#asking = setTimeout(() => {
      this.options.max = this.#max
    }, CONTENT_MS).unref()
  }
}
