import { beforeAll, expect, test } from 'vitest'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { attempt, forged } from '../support/attacks.ts'
import { ask, makeTwoRoles, type TwoRoles } from '../support/two-roles.ts'

/** Says who runs it, where the owner's functions could find it instead of the server's own. */
const trap = (name: string, parameters: string, returns: string, value: string, schema = 'public') => `
  CREATE FUNCTION ${schema}.${name}(${parameters}) RETURNS ${returns} LANGUAGE plpgsql AS
  $$BEGIN IF current_user LIKE '%owner' THEN RAISE EXCEPTION 'trapped: ${name} ran as %', current_user; END IF; RETURN ${value}; END$$`

// Each suits a call in one of the functions better than what pg_catalog has, or has the name of what they read.
const TRAPS = [
  trap('format', 'text, text', 'text', "'SELECT 1'"),
  trap('format', 'text, name, text', 'text', "'SELECT 1'"),
  trap('pg_advisory_xact_lock', 'integer', 'text', "''"),
  trap('make_interval', 'days integer', 'interval', 'NULL'),
  trap('arrow', 'jsonb, jsonb', 'jsonb', 'NULL'),
  'CREATE OPERATOR public.-> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = public.arrow)',
  trap('arrow_text', 'jsonb, jsonb', 'text', 'NULL'),
  'CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = public.arrow_text)',
  trap('is_parent', 'oid, regclass', 'boolean', 'true'),
  'CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = public.is_parent)',
  trap('audit_grant', 'text', 'text', "''"),
  trap('now', '', 'timestamptz', "'2099-01-01'", 'pg_temp'),
  'CREATE TEMP TABLE audit_policy AS SELECT 1 AS id, -100000 AS minimum_days',
  "CREATE TEMP TABLE audit_head AS SELECT 1 AS id, timestamp '1970-01-01' AS last_created_at",
  'CREATE TEMP TABLE audit_logs (LIKE public.audit_logs)',
  'CREATE TEMP TABLE audit_moves ()',
  'SET search_path = pg_temp, public, pg_catalog',
]

let roles: TwoRoles
const { add: atEnd } = shareCleanUps()

beforeAll(async () => {
  roles = await makeTwoRoles(undefined, atEnd)
  await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, 30)
  // As a server before 15 lets everybody, and a careless owner.
  await ask(roles.adminUrl, `GRANT CREATE ON SCHEMA public TO ${roles.application}`)
})

const young =
  "INSERT INTO public.audit_logs SELECT 1, 'x', now(), 's', 'ADMIN', 'A', '', NULL, '', NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '', ''"
const cover = forged('AUDIT_RETENTION', { ranges: [[0, 10]], retentionDays: 0 }).replace(
  'audit_logs',
  'public.audit_logs',
)

test('functions with the rights of the owner find nothing that somebody else has put in the way', async () => {
  const calls = [
    'SELECT public.audit_prepare_month(pg_catalog.now()::timestamp)',
    "SELECT public.audit_prepare_month('2001-01-01')",
    'SELECT public.audit_drop_empty_month()',
  ]
  expect(await attempt(roles.applicationUrl, [...TRAPS, ...calls])).toBeUndefined()
  // They would have been caught: this is what the owner itself runs into.
  const trapped = { message: expect.stringMatching(/^trapped: pg_advisory_xact_lock ran as \S+owner$/) }
  expect(await attempt(roles.ownerUrl, ['SELECT pg_advisory_xact_lock(1)'])).toMatchObject(trapped)
})

test('nor does the policy of the owner', async () => {
  const temporary = TRAPS.filter((sql) => /pg_temp|TEMP/.test(sql))
  const prepare = 'SELECT public.audit_prepare_month(pg_catalog.now()::timestamp)'
  const remove = 'SELECT public.audit_remove(ARRAY[1])'
  expect(await attempt(roles.applicationUrl, [...temporary, prepare, young, cover, remove])).toMatchObject({
    message: '1 of the entries may not be removed',
  })
})

test('nor does who migrates and grants again, which takes that right away', async () => {
  expect(await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)).toMatchObject({ excess: [] })
  const again = ['CREATE TABLE public.mine ()']
  expect(await attempt(roles.applicationUrl, again)).toMatchObject({ message: 'permission denied for schema public' })
})
