import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Client, ClientConfig } from 'pg'
import { LOCK_TIMEOUT_MS } from '../retry-while-busy.ts'

/** How long a connection may take to be made. */
const CONNECT_TIMEOUT_MS = 5000
/** A read that takes longer is one that nobody waits for any more. */
const READ_TIMEOUT_MS = 60_000
/** How long who holds the head's lock may do nothing: shorter than others wait for it, or they would give up just then. */
const IDLE_HOLDER_MS = LOCK_TIMEOUT_MS / 2
/** Longer than the server lets any statement take: who has heard nothing for so long hears nothing any more. */
const SILENCE_MS = 65_000

export type Use = 'reading' | 'writing' | 'aside' | 'snapshot' | 'owner'

/**
 * How to connect to the server that a URL names, for one use. `sslmode` means what it means to libpq: `disable`;
 * `require`, encrypted to whoever answers; `verify-ca` and `verify-full`, with `sslrootcert=FILE` or the
 * authorities that Node knows.
 */
export function connectionTo(url: string, use: Use): ClientConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  return {
    host: searchParams.get('host') ?? decodeURIComponent(hostname),
    port: Number(port || searchParams.get('port') || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: tls(searchParams, hostname),
    application_name: `chatwarden ${use}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options: OPTIONS[use].map(([name, value]) => `-c ${name}=${value}`).join(' '),
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

// Who holds the head's lock and is gone must not keep others from it: the server ends what it hears nothing from.
const ALWAYS = [
  ['timezone', 'UTC'],
  ['search_path', 'public'],
  // As the driver reads times, whatever is set for the database.
  ['datestyle', 'ISO'],
  ['intervalstyle', 'postgres'],
  // Compiling a plan that asks every month takes longer than the plan.
  ['jit', 'off'],
  ['tcp_keepalives_idle', 10],
  ['tcp_keepalives_interval', 5],
  ['tcp_keepalives_count', 3],
] as const

const OPTIONS = {
  reading: [
    ...ALWAYS,
    ['default_transaction_read_only', 'on'],
    ['statement_timeout', READ_TIMEOUT_MS],
    // To plan a question of every month again took three times as long as to answer it.
    ['plan_cache_mode', 'force_generic_plan'],
  ],
  writing: [
    ...ALWAYS,
    ['synchronous_commit', 'on'],
    ['lock_timeout', LOCK_TIMEOUT_MS],
    ['idle_in_transaction_session_timeout', IDLE_HOLDER_MS],
    ['statement_timeout', LOCK_TIMEOUT_MS * 2],
  ],
  // Counts that may be lost with the power, and that nobody waits for long.
  aside: [...ALWAYS, ['synchronous_commit', 'off'], ['statement_timeout', 2000]],
  snapshot: [...ALWAYS, ['default_transaction_read_only', 'on']],
  owner: ALWAYS,
} as const satisfies Record<Use, readonly (readonly [string, string | number])[]>

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
