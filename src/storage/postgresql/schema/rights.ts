import { listed } from '../../../kernel/listed.ts'
import type { Snapshot } from '../../contract.ts'
import { type ForeignObject, foreignObject } from '../../schema/deviations.ts'
import { inWords } from '../../schema/schema-object.ts'
import { isMonth } from './months.ts'

/** What `audit_grant` gives the application besides reading; of every other table INSERT, UPDATE and DELETE. */
const APPLICATION: Readonly<Record<string, readonly string[]>> = {
  _prisma_migrations: [],
  audit_policy: [],
  audit_logs: ['INSERT'],
  audit_tiles: ['INSERT', 'UPDATE'],
  audit_head: ['UPDATE'],
  audit_moves: ['INSERT'],
  'audit_prepare_month()': ['EXECUTE'],
  'audit_drop_empty_month()': ['EXECUTE'],
  'audit_remove()': ['EXECUTE'],
  'audit_grant()': [],
}
const OTHERS = ['INSERT', 'UPDATE', 'DELETE']

interface Right {
  readonly object: string
  readonly grantee: string
  readonly privilege: string
  /** Whether that is the one who asks. */
  readonly isOwn: 0 | 1
  /** Whether it is of a view or table with a rule, through which rows of ours can be changed. */
  readonly isBeside: 0 | 1
}

// Of the functions those that run with the rights of the owner, or give some away. Who has one column has a right, too; and
// who may change a view, or a table with a rule, changes what that speaks of, with the rights of its owner.
const RIGHTS = `WITH RECURSIVE ours AS (SELECT c.oid, c.relname::text AS object, c.relacl, c.relowner, 0 AS is_beside FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (string_to_array(?, ','))
    UNION
    SELECT v.oid, 'by ' || v.oid::regclass::text, v.relacl, v.relowner, 1 FROM ours
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = ours.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'r', 'p')),
  given AS (
    SELECT object, a.grantee, a.privilege_type, relowner AS owner, is_beside FROM ours, aclexplode(relacl) a
    UNION ALL
    SELECT object, a.grantee, a.privilege_type, relowner, is_beside FROM ours JOIN pg_attribute t ON t.attrelid = ours.oid, aclexplode(t.attacl) a
    UNION ALL
    SELECT proname || '()', a.grantee, a.privilege_type, proowner, 0 FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      WHERE pronamespace = 'public'::regnamespace AND proname || '()' = ANY (string_to_array(?, ','))
    UNION ALL
    SELECT 'all tables', member, 'UPDATE', 0, 0 FROM pg_auth_members WHERE roleid = 'pg_write_all_data'::regrole)
SELECT DISTINCT object, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END AS grantee, privilege_type AS privilege,
    grantee <> 0 AND pg_get_userbyid(grantee) = current_user AS "isOwn", is_beside AS "isBeside"
  FROM given WHERE grantee <> owner AND NOT EXISTS (SELECT FROM pg_roles WHERE pg_roles.oid = grantee AND rolsuper) ORDER BY 2, 1, 3`

/** Upkeep, which leaves rows as they are. */
const UPKEEP = 'MAINTAIN'

/**
 * Who else than the owner has rights to our tables. `excess`: who may change or remove rows, and is not the bot: that is who
 * asks, if they may, else the one who has just what a bot needs, who is told of. Of two who have that, neither is taken for it. `foreign`: who
 * may only read, too.
 */
export async function rightsIn(
  snapshot: Snapshot,
  ours: readonly string[],
): Promise<{ readonly excess: readonly string[]; readonly foreign: readonly ForeignObject[] }> {
  const functions = Object.keys(APPLICATION).filter((name) => name.endsWith('()'))
  const rights = await snapshot.rows<Right>(RIGHTS, [ours.join(','), functions.join(',')])
  const writing = rights.filter(({ privilege }) => privilege !== 'SELECT' && privilege !== UPKEEP)
  const writers = [...new Set(writing.map(({ grantee }) => grantee))]
  const own = writing.find(({ isOwn }) => isOwn === 1)?.grantee
  const granted = writers.filter((writer) => isOfBot(writing, writer, ours))
  const bot = own ?? (granted.length === 1 ? granted[0] : undefined)
  const reading = rights.filter(
    ({ privilege, isBeside, grantee }) => privilege === 'SELECT' && isBeside === 0 && !writers.includes(grantee),
  )
  return {
    excess: byGrantee(writing.filter(({ grantee }) => grantee !== bot)).map(([grantee, names]) =>
      inWords({ kind: 'right', table: '', name: `of ${grantee} to change ${listed(names, 3)}` }),
    ),
    foreign: [
      // Whoever asks otherwise can't know whether it is the bot that they know.
      ...(bot === own || bot === undefined ? [] : [right(`of ${bot} to write as the bot does`)]),
      ...byGrantee(reading).map(([grantee, names]) => right(`of ${grantee} to read ${listed(names, 3)}`)),
    ],
  }
}

const right = (name: string): ForeignObject => foreignObject({ kind: 'right', table: '', name, definition: '' })

/** Whether somebody has just what `audit_grant` gives. */
function isOfBot(writing: readonly Right[], writer: string, ours: readonly string[]): boolean {
  const has = writing
    .filter(({ grantee }) => grantee === writer)
    .map(({ object, privilege }) => `${privilege} ${object}`)
  const gives = [
    ...ours.filter((table) => !isMonth(table)),
    ...Object.keys(APPLICATION).filter((name) => name.endsWith('()')),
  ]
  const needs = gives.flatMap((object) => (APPLICATION[object] ?? OTHERS).map((privilege) => `${privilege} ${object}`))
  return writer !== 'PUBLIC' && has.length === needs.length && needs.every((need) => has.includes(need))
}

/** Months are called by what they are part of. */
function byGrantee(rights: readonly Right[]): [grantee: string, names: readonly string[]][] {
  const found = new Map<string, Set<string>>()
  for (const { object, grantee } of rights) {
    const names = found.get(grantee) ?? new Set()
    found.set(grantee, names.add(object.replace(/^audit_logs_y\d+m\d+$/, 'audit_logs')))
  }
  return [...found].map(([grantee, names]) => [grantee, [...names]])
}
