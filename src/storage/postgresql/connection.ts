import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Client, ClientConfig } from 'pg'
import type { Use } from './session.ts'
import type { SessionConfig } from './session-client.ts'

/** How long a connection may take to be made. */
const CONNECT_TIMEOUT_MS = 5000
/** A URL has them around an address of IPv6, and the network none. */
const BRACKETS = /^\[|\]$/g
/** Longer than the server lets any statement take: who has heard nothing for so long hears nothing any more. */
const SILENCE_MS = 65_000

/**
 * How to connect to the server that a URL names, for one use. `sslmode` means what it means to libpq: `disable`;
 * `require`, encrypted to whoever answers; `verify-ca` and `verify-full`, with `sslrootcert=FILE` or the
 * authorities that Node knows.
 */
export function connectionTo(url: string, use: Use): SessionConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const host = (searchParams.get('host') ?? decodeURIComponent(hostname)).replace(BRACKETS, '')
  return {
    host,
    port: Number(port || searchParams.get('port') || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: tls(searchParams, decodeURIComponent(hostname).replace(BRACKETS, '')),
    application_name: `chatwarden ${use}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    use,
  }
}

/**
 * Ends a connection on which nothing comes for too long. Its limits are kept by the server, so where that hangs, or
 * is cut off without a word, nothing else would end what waits for it.
 */
export function endInSilence({ connection: { stream } }: Client): void {
  // The types know the stream as any duplex; it is a socket, of TCP or TLS.
  const socket = stream as Socket
  socket.setTimeout(SILENCE_MS, () => socket.destroy())
}

function tls(parameters: URLSearchParams, host: string): ClientConfig['ssl'] {
  const file = parameters.get('sslrootcert')
  const certificates = {
    ...(file !== null && { ca: readFileSync(file, 'utf8') }),
    ...fromFile('cert', parameters.get('sslcert')),
    ...fromFile('key', parameters.get('sslkey')),
  }
  switch (parameters.get('sslmode') ?? 'disable') {
    case 'disable':
      return false
    case 'require':
      // As libpq: with an authority at hand, whoever answers must have its certificate.
      return file === null
        ? { ...certificates, rejectUnauthorized: false }
        : { ...certificates, checkServerIdentity: () => undefined }
    case 'verify-ca':
      return { ...certificates, checkServerIdentity: () => undefined }
    default:
      return { ...certificates, host }
  }
}

const fromFile = (name: 'cert' | 'key', path: string | null) =>
  path === null ? {} : { [name]: readFileSync(path, 'utf8') }
