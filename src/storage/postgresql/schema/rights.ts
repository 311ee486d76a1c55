import type { Snapshot } from '../../contract.ts'

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
}

// Of the functions those that run with the rights of the owner, or give some away. Who has one column has a right, too.
const RIGHTS = `WITH ours AS (SELECT c.oid, c.relname, c.relacl, c.relowner FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (string_to_array(?, ','))),
  given AS (
    SELECT relname AS object, a.grantee, a.privilege_type, relowner AS owner FROM ours, aclexplode(relacl) a
    UNION ALL
    SELECT relname, a.grantee, a.privilege_type, relowner FROM ours JOIN pg_attribute t ON t.attrelid = ours.oid, aclexplode(t.attacl) a
    UNION ALL
    SELECT proname || '()', a.grantee, a.privilege_type, proowner FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      WHERE pronamespace = 'public'::regnamespace AND proname || '()' = ANY (string_to_array(?, ',')))
SELECT DISTINCT object, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END AS grantee, privilege_type AS privilege,
    grantee <> 0 AND pg_get_userbyid(grantee) = current_user AS "isOwn"
  FROM given WHERE grantee <> owner ORDER BY 2, 1, 3`

/** Rights that leave rows as they are, and show them to nobody. */
const HARMLESS = ['MAINTAIN', 'REFERENCES']

/**
 * Who else than the owner has rights to our tables. `excess`: who may change or remove rows, and is not the bot: that is who
 * asks, if they may, else at most one who has just what a bot needs. `reading`: who may only read.
 */
export async function rightsIn(
  snapshot: Snapshot,
  ours: readonly string[],
): Promise<{ readonly excess: readonly string[]; readonly reading: readonly string[] }> {
  const functions = Object.keys(APPLICATION).filter((name) => name.endsWith('()'))
  const rights = await snapshot.rows<Right>(RIGHTS, [ours.join(','), functions.join(',')])
  const writing = rights.filter(({ privilege }) => privilege !== 'SELECT' && !HARMLESS.includes(privilege))
  const reading = rights.filter(({ privilege }) => privilege === 'SELECT')
  const writers = [...new Set(writing.map(({ grantee }) => grantee))]
  const bot =
    writing.find(({ isOwn }) => isOwn)?.grantee ??
    writers.find((writer) => writing.every((right) => right.grantee !== writer || isOfBot(right)))
  const isNoBot = ({ grantee }: Right) => grantee !== bot
  return {
    excess: inWords(writing.filter(isNoBot), (names, grantee) => `right of ${grantee} to change ${names}`),
    reading: inWords(
      reading.filter((right) => isNoBot(right) && !writers.includes(right.grantee)),
      (names, grantee) => `right of ${grantee} to read ${names}`,
    ),
  }
}

const isOfBot = ({ object, grantee, privilege }: Right): boolean =>
  grantee !== 'PUBLIC' && (APPLICATION[object] ?? (object.startsWith('audit_logs_') ? [] : OTHERS)).includes(privilege)

/** By whom: months are called by what they are part of. */
function inWords(rights: readonly Right[], say: (names: string, grantee: string) => string): string[] {
  const byGrantee = new Map<string, Set<string>>()
  for (const { object, grantee } of rights) {
    const names = byGrantee.get(grantee) ?? new Set()
    byGrantee.set(grantee, names.add(object.replace(/^audit_logs_y\d+m\d+$/, 'audit_logs')))
  }
  return [...byGrantee].map(([grantee, names]) => say(named([...names]), grantee))
}

const named = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
