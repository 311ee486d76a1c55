import { appendFileSync, ReadStream } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import S3rver, { type Middleware } from 's3rver'
import { onTestFinished } from 'vitest'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { answerWhenStored, type Missing, missing, unfinishedUploads } from './s3-missing.ts'

export const BUCKET = 'audit-bucket'
/** The only ones that s3rver knows. */
export const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

export class S3Server {
  /** What was asked for, in order, e.g. `PUT /audit-bucket/a.csv`. */
  readonly requests: string[] = []
  /** Cuts the connection of every request in whose address this is found, when its body has begun to arrive. */
  cuts: string | undefined
  /** Cuts the connection of every download when some of it has been sent. */
  cutsDownloads = false
  /** Is waited for before what was stored is answered. */
  slow: (() => Promise<void>) | undefined
  /** Adds a byte to everything that is stored. */
  spoils = false
  readonly directory: string
  readonly #like: Missing
  #server: S3rver | undefined
  #port = 0

  constructor(directory: string, like: Missing) {
    this.directory = directory
    this.#like = like
  }

  /** Where it is and what opens it. */
  get place() {
    return { bucket: BUCKET, endpoint: `http://127.0.0.1:${this.#port}`, region: 'us-east-1', credentials: CREDENTIALS }
  }

  /** On the port that it had before, with what it stored before. */
  async start(): Promise<void> {
    const { directory } = this
    const server = new S3rver({
      address: '127.0.0.1',
      port: this.#port,
      directory,
      silent: true,
      vhostBuckets: false,
      configureBuckets: [{ name: BUCKET }],
    })
    answerWhenStored(server)
    // Behind what makes XML of a body, and before the routes.
    server.middleware.splice(-1, 0, this.#watch, missing(this.#uploads, this.#like))
    this.#port = (await server.run()).port
    this.#server = server
  }

  async stop(): Promise<void> {
    const closed = this.#server?.close()
    this.#server?.httpServer.closeAllConnections()
    this.#server = undefined
    await closed
  }

  /** The file in which an object's content is. */
  file(key: string): string {
    return join(this.directory, BUCKET, `${key}._S3rver_object`)
  }

  /** The keys of uploads of which parts are there. */
  unfinished(): string[] {
    return unfinishedUploads(this.#uploads).map(({ Key }) => Key)
  }

  get #uploads(): string {
    return join(this.directory, BUCKET, '._S3rver_uploads')
  }

  #watch: Middleware = async (context, next) => {
    const { method, url, req } = context
    this.requests.push(`${method} ${url}`)
    if (this.cuts !== undefined && url.includes(this.cuts)) {
      await new Promise((resolve) => req.once('data', resolve))
      req.socket.destroy()
      return
    }
    await next()
    if (this.cutsDownloads && context.body instanceof ReadStream) cutAfter(256 * 1024, context.body, req.socket)
    const key = decodeURIComponent(context.path).slice(`/${BUCKET}/`.length)
    if (method === 'PUT') await this.slow?.()
    if (this.spoils && method === 'PUT') appendFileSync(this.file(key), '!')
  }
}

function cutAfter(bytes: number, content: ReadStream, socket: Socket): void {
  content.on('data', () => {
    if (content.bytesRead > bytes) socket.destroy()
  })
}

/** A service of S3 on this machine, with one bucket; it is gone after the test. */
export async function startS3Server(
  { pageSize = 1000, listsUploads = true }: Partial<Missing> = {},
  atEnd: AtEnd = onTestFinished,
): Promise<S3Server> {
  const server = new S3Server(temporaryFolder(atEnd), { pageSize, listsUploads })
  await server.start()
  atEnd(() => server.stop())
  return server
}
