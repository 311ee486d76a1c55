import type { Snapshot } from '../../contract.ts'
import type { ForeignObject } from '../../schema/deviations.ts'
import { foreignObject } from '../../schema/deviations.ts'
import { inWords } from '../../schema/schema-object.ts'

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
  /** Whether it is of a view of ours, through which rows can be changed. */
  readonly isView: 0 | 1
}

// Of the functions those that run with the rights of the owner, or give some away. Who has one column has a right, too; and
// who may change a view changes what it shows, with the rights of its owner.
const RIGHTS = `WITH RECURSIVE ours AS (SELECT c.oid, c.relname::text AS object, c.relacl, c.relowner, 0 AS is_view FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (string_to_array(?, ','))
    UNION
    SELECT v.oid, 'view ' || v.oid::regclass::text, v.relacl, v.relowner, 1 FROM ours
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = ours.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'),
  given AS (
    SELECT object, a.grantee, a.privilege_type, relowner AS owner, is_view FROM ours, aclexplode(relacl) a
    UNION ALL
    SELECT object, a.grantee, a.privilege_type, relowner, is_view FROM ours JOIN pg_attribute t ON t.attrelid = ours.oid, aclexplode(t.attacl) a
    UNION ALL
    SELECT proname || '()', a.grantee, a.privilege_type, proowner, 0 FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      WHERE pronamespace = 'public'::regnamespace AND proname || '()' = ANY (string_to_array(?, ','))
    UNION ALL
    SELECT 'all tables', member, 'UPDATE', 0, 0 FROM pg_auth_members WHERE roleid = 'pg_write_all_data'::regrole)
SELECT DISTINCT object, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END AS grantee, privilege_type AS privilege,
    grantee <> 0 AND pg_get_userbyid(grantee) = current_user AS "isOwn", is_view AS "isView"
  FROM given WHERE grantee <> owner AND NOT EXISTS (SELECT FROM pg_roles WHERE pg_roles.oid = grantee AND rolsuper) ORDER BY 2, 1, 3`

/** Upkeep, which leaves rows as they are. */
const UPKEEP = 'MAINTAIN'

/**
 * Who else than the owner has rights to our tables. `excess`: who may change or remove rows, and is not the bot: that is who
 * asks, if they may, else the one who has just what a bot needs. Of two who have that, neither is taken for it. `reading`: who may only read.
 */
export async function rightsIn(
  snapshot: Snapshot,
  ours: readonly string[],
): Promise<{ readonly excess: readonly string[]; readonly reading: readonly ForeignObject[] }> {
  const functions = Object.keys(APPLICATION).filter((name) => name.endsWith('()'))
  const rights = await snapshot.rows<Right>(RIGHTS, [ours.join(','), functions.join(',')])
  const writing = rights.filter(({ privilege }) => privilege !== 'SELECT' && privilege !== UPKEEP)
  const writers = [...new Set(writing.map(({ grantee }) => grantee))]
  const fitting = writers.filter((writer) => writing.every((right) => right.grantee !== writer || isOfBot(right)))
  const bot = writing.find(({ isOwn }) => isOwn === 1)?.grantee ?? (fitting.length === 1 ? fitting[0] : undefined)
  const reading = rights.filter(
    ({ privilege, isView, grantee }) => privilege === 'SELECT' && isView === 0 && !writers.includes(grantee),
  )
  return {
    excess: byGrantee(writing.filter(({ grantee }) => grantee !== bot)).map(([grantee, names]) =>
      inWords({ kind: 'right', table: '', name: `of ${grantee} to change ${named(names)}` }),
    ),
    reading: byGrantee(reading).map(([grantee, names]) => {
      const name = `of ${grantee} to read ${named(names)}`
      return foreignObject({ kind: 'right', table: '', name, definition: '' })
    }),
  }
}

const isOfBot = ({ object, grantee, privilege }: Right): boolean =>
  grantee !== 'PUBLIC' &&
  (APPLICATION[object] ?? (/^audit_logs_|^view | /.test(object) ? [] : OTHERS)).includes(privilege)

/** Months are called by what they are part of. */
function byGrantee(rights: readonly Right[]): [grantee: string, names: readonly string[]][] {
  const found = new Map<string, Set<string>>()
  for (const { object, grantee } of rights) {
    const names = found.get(grantee) ?? new Set()
    found.set(grantee, names.add(object.replace(/^audit_logs_y\d+m\d+$/, 'audit_logs')))
  }
  return [...found].map(([grantee, names]) => [grantee, [...names]])
}

const named = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
