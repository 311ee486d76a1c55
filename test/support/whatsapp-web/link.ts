import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Command, Report } from './wire.ts'

export interface LinkEvents {
  /** A page has loaded. `session` is what its browser profile remembers, or empty. */
  connected(session: string): void
  disconnected(): void
  reported(report: Report): void
  /** A fault: whether the page that asks to load now must fail to. */
  refusesLoad(): boolean
  /** The page has stopped in `/hang`, or has left it. */
  hangChanged(): void
}

const PAGE_FILE = /^\/(\w+\.js)$/

/** The server on 127.0.0.1 that the page talks to. It holds one page at a time: the newest. */
export class Link {
  readonly #events: LinkEvents
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #media = new Map<string, Buffer>()
  #page: WebSocket | undefined
  #hanging: ServerResponse | undefined

  private constructor(events: LinkEvents) {
    this.#events = events
    this.#server = createServer((request, response) => this.#serve(request.url ?? '/', response))
    this.#sockets = new WebSocketServer({ server: this.#server, perMessageDeflate: false, maxPayload: 2 ** 30 })
    this.#sockets.on('connection', (socket, request) => this.#welcome(socket, request))
  }

  static async open(events: LinkEvents): Promise<Link> {
    const link = new Link(events)
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve))
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get hanging(): boolean {
    return this.#hanging !== undefined
  }

  get connected(): boolean {
    return this.#page !== undefined
  }

  send(command: Command & { readonly delivery?: number }): void {
    this.#page?.send(JSON.stringify(command))
  }

  /** The bytes of an upload, once. */
  takeMedia(hash: string): Buffer {
    const bytes = this.#media.get(hash) ?? Buffer.alloc(0)
    this.#media.delete(hash)
    return bytes
  }

  /** Lets a hung page go on. */
  resume(): void {
    this.#hanging?.end()
  }

  async close(): Promise<void> {
    this.resume()
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #welcome(socket: WebSocket, request: IncomingMessage): void {
    // As WhatsApp does when the same session is opened in a second place.
    this.send({ command: 'state', state: 'CONFLICT' })
    this.#page?.close()
    this.#page = socket
    this.#listen(socket)
    socket.on('close', () => {
      if (this.#page !== socket) return
      this.#page = undefined
      this.#events.disconnected()
    })
    this.#events.connected(new URLSearchParams(request.url?.split('?')[1]).get('session') ?? '')
  }

  #listen(socket: WebSocket): void {
    let uploading = ''
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        this.#media.set(uploading, data)
        return
      }
      const report = JSON.parse(data.toString()) as Report
      if (report.did === 'upload') uploading = report.hash
      else this.#events.reported(report)
    })
  }

  #hang(response: ServerResponse): void {
    this.#hanging = response
    this.#events.hangChanged()
    response.on('close', () => {
      this.#hanging = undefined
      this.#events.hangChanged()
    })
  }

  #serve(path: string, response: ServerResponse): void {
    // The page's own origin is https://web.whatsapp.com.
    response.setHeader('access-control-allow-origin', '*')
    if (path === '/hang') {
      this.#hang(response)
      return
    }
    const file = PAGE_FILE.exec(path)?.[1]
    if (!file || (file === 'page.js' && this.#events.refusesLoad())) {
      response.writeHead(503).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' })
    response.end(readFileSync(new URL(`./page/${file}`, import.meta.url)))
  }
}
