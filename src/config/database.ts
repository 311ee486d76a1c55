import { z } from 'zod'
import { fileUrlProblem, plainFileUrl } from './file-url.ts'
import { variable, wholeNumber } from './variable.ts'

const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full']

/** What is wrong with the URL of a database on a server; `undefined`: nothing. Its password is not repeated. */
export function serverUrlProblem(text: string): string | undefined {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return 'is no URL: characters such as # and @ in a password have to be written as %23 and %40'
  }
  if (!isDecodable(text)) return 'has a % that begins no escape: a % itself has to be written as %25'
  if (url.username === '') return 'names no user, as postgresql://USER:PASSWORD@HOST/DATABASE'
  if (!/^\/[^/]+$/.test(url.pathname)) return 'names no database, as postgresql://USER:PASSWORD@HOST/DATABASE'
  const schema = url.searchParams.get('schema')
  if (schema !== null && schema !== 'public')
    return 'names a schema; Chatwarden uses a database of its own, and there public'
  const mode = url.searchParams.get('sslmode')
  if (mode !== null && !TLS_MODES.includes(mode)) return `has an sslmode that is none of ${TLS_MODES.join(', ')}`
  if (mode === null && !isHere(url))
    return `goes to another machine and does not say how: sslmode=${TLS_MODES.join(', sslmode=')}`
  return undefined
}

/** By where it leads: `?host=` counts before what stands in its place. */
function isHere({ hostname, searchParams }: URL): boolean {
  const host = searchParams.get('host') ?? hostname
  return ['', 'localhost', '127.0.0.1', '::1', '[::1]'].includes(host) || host.startsWith('/')
}

/** Each `%` begins an escape of UTF-8, and none of what no server takes. */
function isDecodable(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes('\0')
  } catch {
    return false
  }
}

const isServer = (url: string): boolean => /^postgres(?:ql)?:/.test(url)

const problemOf = (url: string): string | undefined => (isServer(url) ? serverUrlProblem(url) : fileUrlProblem(url))

const checked = <Schema extends z.ZodType<string | undefined>>(schema: Schema) =>
  schema.superRefine((url, context) => {
    const problem = url === undefined ? undefined : problemOf(url)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

export const DATABASE_VARIABLES = {
  DATABASE_URL: variable({
    help: 'Where users, roles and the trail are kept: a SQLite file, relative to the working directory, or PostgreSQL, as postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full.',
    example: 'file:./data/chatwarden.db',
    schema: checked(z.string().default('file:./data/chatwarden.db')).transform(plainFileUrl),
  }),
  DATABASE_OWNER_URL: variable({
    help: 'PostgreSQL only, for chatwarden migrate alone: the same database as the user that owns the tables. The bot needs no such user.',
    example: 'postgresql://chatwarden_owner:secret@localhost/chatwarden',
    isSecret: true,
    schema: checked(z.string().optional()),
  }),
  DATABASE_POOL_SIZE: variable({
    help: 'PostgreSQL only: how many connections may read at once, 1 to 100. Three more write.',
    example: '5',
    schema: wholeNumber(1, 100, 5),
  }),
}
