import type { Client } from 'whatsapp-web.js'
import { type Link, LinkDown } from './link.ts'

export interface Call<T> {
  readonly what: string
  readonly deadline: number
  readonly action: (client: Client) => Promise<T>
  /** What has to be waited for while the link is up, right before the call. */
  readonly before?: () => Promise<void>
}

/**
 * Calls the library when there is a connection, waiting for one until `signal`. A call that was certainly not made is
 * made again; one of which nothing is known is not.
 */
export async function whenUp<T>(link: Link, signal: AbortSignal, call: Call<T>): Promise<T> {
  for (;;) {
    await link.up(signal)
    await call.before?.()
    try {
      return await link.call(call.what, call.deadline, call.action)
    } catch (error) {
      if (!(error instanceof LinkDown)) throw error
    }
  }
}
