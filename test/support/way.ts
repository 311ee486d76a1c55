import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * A way to a server, on which something can happen to what passes: `join` is given the two ends of each connection.
 * @returns the port where it begins.
 */
export async function openWay(port: number, join: (client: Socket, server: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const way = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    join(client, server)
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    way.close()
  })
  return (way.address() as AddressInfo).port
}

/** The same to the server that a URL names. @returns the URL by that way. */
export async function wayTo(to: string, join: (client: Socket, server: Socket) => void): Promise<string> {
  const url = new URL(to)
  url.host = `127.0.0.1:${await openWay(Number(url.port), join)}`
  return url.href
}
