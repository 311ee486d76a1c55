import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server on which everything can vanish without a word, as behind a cable that is cut. */
export async function openHole(port: number) {
  const sockets = new Set<Socket>()
  let isSwallowing = false
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    const wasCut = () => cut.has(client)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('data', (bytes) => {
        if (!wasCut()) to.write(bytes)
      })
      from.on('close', () => {
        sockets.delete(from)
        if (!wasCut()) to.destroy()
      })
    }
    clients.add(client)
    if (isSwallowing) cut.add(client)
  })
  const clients = new Set<Socket>()
  const cut = new WeakSet<Socket>()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
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
