import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import type { AtEnd } from './at-end.ts'
import { serverUrl } from './server-url.ts'

/** An empty database whose owner is no superuser, and the role of a bot, which may do nothing yet. */
export interface TwoRoles {
  readonly database: string
  readonly owner: string
  readonly application: string
  readonly adminUrl: string
  readonly ownerUrl: string
  readonly applicationUrl: string
}

/** Asks one question, on a connection of its own. */
export async function ask<Row = Record<string, unknown>>(url: string, sql: string, values?: unknown[]): Promise<Row[]> {
  const client = new Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query(sql, values)
    return rows as Row[]
  } finally {
    await client.end()
  }
}

/** The same URL with another user or database. */
export function urlOf(
  server: string,
  { user, database }: { readonly user?: string; readonly database: string },
): string {
  const url = new URL(server)
  url.pathname = database
  if (user !== undefined) {
    url.username = user
    url.password = 'secret'
  }
  return url.href
}

/** Both are gone after the test. */
export async function makeTwoRoles(server = serverUrl(), atEnd: AtEnd = onTestFinished): Promise<TwoRoles> {
  const database = `ops_${randomBytes(6).toString('hex')}`
  const [owner, application] = [`${database}_owner`, `${database}_app`]
  await ask(server, `CREATE ROLE ${owner} LOGIN PASSWORD 'secret'`)
  await ask(server, `CREATE ROLE ${application} LOGIN PASSWORD 'secret'`)
  await ask(server, `CREATE DATABASE ${database} OWNER ${owner}`)
  atEnd(async () => {
    await ask(server, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    await ask(server, `DROP ROLE ${application}, ${owner}`)
  })
  return {
    database,
    owner,
    application,
    adminUrl: urlOf(server, { database }),
    ownerUrl: urlOf(server, { user: owner, database }),
    applicationUrl: urlOf(server, { user: application, database }),
  }
}
