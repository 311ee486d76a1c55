declare module 's3rver' {
  import type { Server } from 'node:http'

  export interface Context {
    readonly method: string
    readonly url: string
    readonly query: Readonly<Record<string, string | undefined>>
    readonly path: string
    readonly req: import('node:http').IncomingMessage
    status: number
    body: unknown
  }
  export type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>
  export interface Stored {
    readonly bucket: string
    readonly key: string
  }

  export default class S3rver {
    constructor(options: Readonly<Record<string, unknown>>)
    readonly middleware: Middleware[]
    readonly httpServer: Server
    readonly store: {
      putObject(object: Stored): Promise<{ readonly size: number }>
      putPart(bucket: string, uploadId: string, part: string, content: unknown): Promise<{ readonly size: number }>
      getResourcePath(bucket: string, key: string | undefined, resource: string): string
    }
    run(): Promise<{ readonly port: number }>
    close(): Promise<void>
  }
}
