import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/app/usage-error.ts'
import { run as migrate } from '../../src/cli/migrate.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { onCommandLine } from '../support/command-line.ts'
import { ask, makeTwoRoles, type TwoRoles, urlOf } from '../support/two-roles.ts'

const onCli = (env: Record<string, string>, ...args: string[]) => onCommandLine(() => migrate(args), env)
const urls = ({ ownerUrl, applicationUrl }: TwoRoles) => ({
  DATABASE_URL: applicationUrl,
  DATABASE_OWNER_URL: ownerUrl,
})

const opened = async (url: string): Promise<void> => (await openDatabase(url)).close()

describe('chatwarden migrate', () => {
  test('makes the schema, gives the bot its rights, and says so again', async () => {
    const roles = await makeTwoRoles()
    const first = await onCli(urls(roles), '--minimum-days', '30')
    expect(first.code).toBe(0)
    expect(first.out).toContain('Applied: 20261121000000_init\n')
    expect(first.out).toContain(`${roles.application} has the rights that the bot needs.`)
    expect(first.out).toContain('Entries younger than 30 days are never removed by age.')
    expect(first.out).toContain(`${roles.application} cannot alter, remove or drop any of the trail by itself.`)
    expect(first.out).not.toContain('secret')
    const second = await onCli(urls(roles))
    expect(second.out).not.toContain('Applied')
    expect(second.out).toContain('Entries younger than 30 days')
    await opened(roles.applicationUrl)
  })

  test('says where the bot has more rights than it needs', async () => {
    const roles = await makeTwoRoles()
    const asOwner = await onCli({ DATABASE_URL: roles.ownerUrl, DATABASE_OWNER_URL: roles.ownerUrl })
    expect(asOwner).toMatchObject({ code: 0, out: expect.stringMatching(/not in force: \S+ owns the tables/) })
    const asSuperuser = await onCli({ DATABASE_URL: roles.adminUrl, DATABASE_OWNER_URL: roles.ownerUrl })
    expect(asSuperuser).toMatchObject({ code: 0, out: expect.stringMatching(/not in force: \S+ is a superuser\./) })
    await ask(roles.adminUrl, `GRANT ${roles.owner} TO ${roles.application}`)
    expect((await onCli(urls(roles))).out).toContain(
      `not in force: ${roles.application} owns the tables, or is a member`,
    )
    await opened(roles.ownerUrl)
  })

  test('refuses what cannot be meant', async () => {
    const roles = await makeTwoRoles()
    const { DATABASE_URL, DATABASE_OWNER_URL } = urls(roles)
    await expect(onCli({ DATABASE_URL, DATABASE_OWNER_URL: '' })).rejects.toThrow(/DATABASE_OWNER_URL is not set/)
    await expect(
      onCli({ DATABASE_URL, DATABASE_OWNER_URL: urlOf(DATABASE_OWNER_URL, { database: 'other' }) }),
    ).rejects.toThrow(/have to name the same database/)
    const unknown = urlOf(DATABASE_URL, { user: 'ops_nobody', database: roles.database })
    await expect(onCli({ DATABASE_URL: unknown, DATABASE_OWNER_URL })).rejects.toThrow(
      /There is no role ops_nobody.*CREATE ROLE "ops_nobody" LOGIN PASSWORD '…';/,
    )
    await expect(onCli(urls(roles), '--minimum-days', '-1')).rejects.toThrow()
    await expect(onCli(urls(roles), '--minimum-days', '1.5')).rejects.toThrow(UsageError)
    expect(await ask(roles.adminUrl, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([])
  })

  test('leaves a file to the bot', async () => {
    expect(await onCli({ DATABASE_URL: 'file:./x.db' })).toEqual({
      code: 0,
      out: './x.db is a file: the bot brings it up to date itself, whenever it starts.\n',
    })
  })
})

describe('a bot that may not migrate', () => {
  const refused = { code: 'MIGRATION_FAILED', message: expect.stringContaining('chatwarden migrate') }

  test('does not start where something is pending, and does where nothing is', async () => {
    const roles = await makeTwoRoles()
    // Neither where it may not create in public.
    await expect(opened(roles.applicationUrl)).rejects.toMatchObject(refused)
    await onCli(urls(roles))
    await opened(roles.applicationUrl)
    // Nor where it was not given anything yet.
    await ask(roles.ownerUrl, `REVOKE ALL ON _prisma_migrations FROM ${roles.application}`)
    await expect(opened(roles.applicationUrl)).rejects.toMatchObject(refused)
    await ask(roles.ownerUrl, `GRANT SELECT ON _prisma_migrations TO ${roles.application}`)
    await ask(roles.ownerUrl, 'DELETE FROM _prisma_migrations')
    await expect(opened(roles.applicationUrl)).rejects.toMatchObject(refused)
  })

  test('tells of a full disk as that, and not as of a wrong schema', async () => {
    const { adminUrl, ownerUrl, database } = await makeTwoRoles()
    const admin = urlOf(adminUrl, { database })
    await ask(
      admin,
      `CREATE FUNCTION full() RETURNS event_trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left' USING ERRCODE = '53100'; END $$`,
    )
    // In the middle of a migration.
    await ask(
      admin,
      "CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION full()",
    )
    const message = expect.stringContaining('No space left. Make room on the disk.')
    await expect(opened(ownerUrl)).rejects.toMatchObject({ code: 'CANNOT_START', message })
  })
})
