import type { Client } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { databaseLabel } from '../beside-database.ts'
import { withClient } from './client.ts'
import { connectionTo } from './connection.ts'
import { excessRights } from './excess-rights.ts'
import { refuseUnfit } from './fitness.ts'
import { migratePostgres } from './migrations.ts'

export interface Migrated {
  /** The names of what was applied. */
  readonly applied: readonly string[]
  /** The application's role. */
  readonly role: string
  /** Whether it was given its rights: one that has all of them anyway is left as it is. */
  readonly isGranted: boolean
  /** Why it can do more than the application needs; empty: it cannot. */
  readonly excess: readonly string[]
  /** Entries younger than this are never removed by age. */
  readonly minimumDays: number
}

/**
 * Brings the schema up to date as the owner of the tables and gives the application's role its rights.
 * @throws {ChatwardenError} `CONFIG_INVALID`, `CANNOT_START`, `DATABASE_DAMAGED` or `MIGRATION_FAILED`; nothing was changed then.
 */
export async function migrateAsOwner(
  ownerUrl: string,
  applicationUrl: string,
  minimumDays: number | undefined,
): Promise<Migrated> {
  refuseOtherPlace(ownerUrl, applicationUrl)
  const role = connectionTo(applicationUrl, 'owner').user ?? ''
  return withClient(ownerUrl, { name: 'DATABASE_OWNER_URL' }, async (client) => {
    await refuseUnfit(client, ownerUrl, 'DATABASE_OWNER_URL=')
    // Whoever may create in public could put in the way of a question what suits it better, to be run by the owner.
    await client.query('SET search_path = pg_catalog, pg_temp')
    const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
    if (known.rowCount === 0) throw refused(missingRole(client, role))
    const applied = await migratePostgres(client, { as: 'DATABASE_OWNER_URL' })
    if (minimumDays !== undefined)
      await client.query('UPDATE public.audit_policy SET minimum_days = $1 WHERE id = 1', [minimumDays])
    const { rows } = await client.query<{ days: number }>('SELECT minimum_days AS days FROM public.audit_policy')
    const isGranted = !(await isPowerful(client, role))
    // The exact type, for the same reason.
    if (isGranted) await client.query('SELECT public.audit_grant($1::name)', [role])
    const excess = await excessRights(client, role)
    return { applied, role, isGranted, excess, minimumDays: rows[0]?.days ?? 0 }
  })
}

/** Taking from the owner what the application does not need would take it from the owner's functions, too. */
async function isPowerful(client: Client, role: string): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(
    `SELECT r.rolsuper OR r.oid = c.relowner AS yes FROM pg_roles r, pg_class c
     WHERE r.rolname = $1 AND c.oid = 'public.audit_logs'::regclass`,
    [role],
  )
  return rows[0]?.yes === true
}

function refuseOtherPlace(ownerUrl: string, applicationUrl: string): void {
  if (placeOf(ownerUrl) === placeOf(applicationUrl)) return
  throw refused(
    `DATABASE_OWNER_URL names ${databaseLabel(ownerUrl)}, and DATABASE_URL ${databaseLabel(applicationUrl)}. They have to name the same database, as two users.`,
  )
}

/** This machine has several names. */
function placeOf(url: string): string {
  const { host = '', port, database } = connectionTo(url, 'owner')
  const isHere = ['', 'localhost', '127.0.0.1', '::1'].includes(host) || host.startsWith('/')
  return JSON.stringify([isHere ? 'localhost' : host.toLowerCase(), port, database])
}

const missingRole = (client: Client, role: string): string =>
  `There is no role ${role}, as which DATABASE_URL connects. Make it as a superuser: CREATE ROLE ${client.escapeIdentifier(role)} LOGIN PASSWORD '…';`

const refused = (problem: string): ChatwardenError => new ChatwardenError('CONFIG_INVALID', problem)
