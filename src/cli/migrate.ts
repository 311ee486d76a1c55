import { parseArgs } from 'node:util'
import { UsageError } from '../app/usage-error.ts'
import { readConfig } from '../config.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { databaseLabel, isPostgres } from '../storage/beside-database.ts'
import { type Migrated, migrateAsOwner } from '../storage/postgresql/migrate-as-owner.ts'
import { refuseAltered, schemaDeviations } from '../storage/schema/schema.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { withTrail } from './open-trail.ts'
import { print } from './print.ts'

/** As long as entries can be kept at all. */
const MOST_DAYS = 3650

/** `chatwarden migrate`: as the owner, the schema up to date and the application's role with its rights. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { 'minimum-days': { type: 'string' } } })
  const minimumDays = daysIn(values['minimum-days'])
  const { databaseUrl, databaseOwnerUrl } = readConfig()
  if (!isPostgres(databaseUrl)) {
    if (minimumDays !== undefined) throw new UsageError('--minimum-days is for PostgreSQL: a file has no other owner.')
    print(`${databaseLabel(databaseUrl)} is a file: the bot brings it up to date itself, whenever it starts.`)
    return 0
  }
  if (databaseOwnerUrl === undefined)
    throw new ChatwardenError(
      'CONFIG_INVALID',
      'DATABASE_OWNER_URL is not set. It names the same database as DATABASE_URL, as the user that owns the tables: DATABASE_OWNER_URL=postgresql://OWNER:PASSWORD@HOST/DATABASE chatwarden migrate',
    )
  report(databaseLabel(databaseUrl), await migrateAsOwner(databaseOwnerUrl, databaseUrl, minimumDays))
  await putBack(databaseOwnerUrl)
  return 0
}

/** What keeps the trail from being changed the owner alone can put back where the bot may not. */
async function putBack(ownerUrl: string): Promise<void> {
  const { refused, missing } = await withSnapshot(ownerUrl, schemaDeviations)
  refuseAltered({ refused })
  if (missing.length === 0) return
  await withTrail(async () => {}, { databaseUrl: ownerUrl })
  for (const { what } of missing) print(`Put back: ${what}`)
}

function daysIn(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (!/^\d{1,4}$/.test(given) || Number(given) > MOST_DAYS)
    throw new UsageError(`--minimum-days must be a whole number from 0 to ${MOST_DAYS}.`)
  return Number(given)
}

function report(place: string, { applied, role, isGranted, excess, minimumDays }: Migrated): void {
  for (const name of applied) print(`Applied: ${name}`)
  print(`${place} has the schema of this version.`)
  if (isGranted) print(`${role} has the rights that the bot needs.`)
  print(`Entries younger than ${minimumDays} ${minimumDays === 1 ? 'day' : 'days'} are never removed by age.`)
  if (excess.length === 0) print(`${role} cannot alter, remove or drop any of the trail by itself.`)
  else {
    print(`Least privilege is not in force: ${role} ${excess.join('; ')}.`)
    print('What is in the trail could be changed by whoever has the bot. Let it connect as a role of its own.')
  }
}
