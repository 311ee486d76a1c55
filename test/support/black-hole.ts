import type { Socket } from 'node:net'
import { openWay } from './way.ts'

/** A way to a server on which everything can vanish without a word, as behind a cable that is cut. */
export async function openHole(to: number) {
  const clients = new Set<Socket>()
  const cut = new WeakSet<Socket>()
  let isSwallowing = false
  const port = await openWay(to, (client, server) => {
    for (const [from, other] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (bytes) => {
        if (!cut.has(client)) other.write(bytes)
      })
      from.on('close', () => {
        if (!cut.has(client)) other.destroy()
      })
    }
    clients.add(client)
    if (isSwallowing) cut.add(client)
  })
  return {
    port,
    /** From now on nothing passes: on connections that are open it never will again. */
    swallow: () => {
      isSwallowing = true
      for (const client of clients) cut.add(client)
    },
    /** Lets new connections through. */
    passAgain: () => {
      isSwallowing = false
    },
  }
}
