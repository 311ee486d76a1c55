import type { Snapshot } from '../../contract.ts'
import type { SchemaObject } from '../../schema/schema-object.ts'

/** An object of a database on a server. */
export interface ServerObject extends SchemaObject {
  /** What it is if it is somebody else's: `by table`, harmful wherever it is on a table of ours; `passing`: on its way to be ours. */
  readonly harm: 'harmful' | 'harmless' | 'passing' | 'by table'
}

const isHarmful = (condition: string) => `CASE WHEN ${condition} THEN 'harmful' ELSE 'harmless' END`

/** Whose it is: of ours all is to be of one owner. */
const owned = (owner: string) =>
  `CASE WHEN ${owner} = (SELECT relowner FROM entries) THEN 'owned as audit_logs' ELSE 'owned by another' END`

/** Whether it is part of an extension, which whoever made it answers for. */
const isOfExtension = (catalog: string, oid: string) =>
  `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`

/** Whether rows of a relation are shown as rows of ours, or keep ours from being removed or changed. */
const leansOnOurs = (oid: string) =>
  `(EXISTS (SELECT FROM pg_inherits JOIN ours ON ours.oid = inhparent WHERE inhrelid = ${oid})
    OR EXISTS (SELECT FROM pg_constraint JOIN ours ON ours.oid = confrelid WHERE conrelid = ${oid}))`

const TABLES = `SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' WHEN relkind = 'S' THEN 'sequence' ELSE 'table' END AS kind,
    CASE WHEN relkind IN ('r', 'p', 'f') THEN relname ELSE '' END::text AS "table", relname::text AS name,
    concat_ws(' ', relkind, relpersistence, CASE WHEN relrowsecurity THEN 'secured by row' END,
      CASE WHEN relforcerowsecurity THEN 'forced' END, pg_get_partkeydef(c.oid), pg_get_expr(relpartbound, c.oid),
      (SELECT 'in ' || string_agg(inhparent::regclass::text, ', ') FROM pg_inherits WHERE inhrelid = c.oid), ${owned('relowner')},
      CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
      CASE WHEN ${isOfExtension('pg_class', 'c.oid')} THEN 'of an extension' END) AS definition,
    ${isHarmful(leansOnOurs('c.oid'))} AS harm
  FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
    AND (c.oid IN (SELECT oid FROM ours) OR ${leansOnOurs('c.oid')} OR NOT ${isOfExtension('pg_class', 'c.oid')})`

const TABLES_ELSEWHERE = `SELECT 'table', c.oid::regclass::text, c.oid::regclass::text, '', 'harmful' FROM pg_class c
  WHERE relnamespace <> 'public'::regnamespace AND ${leansOnOurs('c.oid')}`

const COLUMNS = `SELECT 'column', relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
    'COLLATE ' || nullif(a.attcollation, 0)::regcollation::text, CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
    (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = a.attrelid AND adnum = a.attnum)), 'by table'
  FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum > 0 AND NOT a.attisdropped`

// Those of NOT NULL are in the columns (and have a row of their own since 18).
const CONSTRAINTS = `SELECT 'constraint', relname, conname,
    concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN NOT convalidated THEN 'not validated' END), 'by table'
  FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid WHERE contype NOT IN ('n', 't')`

// REINDEX CONCURRENTLY makes one beside ours, and leaves it where it was stopped. Another of somebody else's is let be where it can be read by itself, to be compared with its table: in order, of plain columns,
// and the only one that begins with its first.
const nameless = (index: string) =>
  `replace(pg_get_indexdef(${index}), ' ' || (SELECT quote_ident(relname) FROM pg_class WHERE oid = ${index}) || ' ', ' ')`

const INDICES = `SELECT 'index', ours.relname, x.relname, concat_ws(' ', pg_get_indexdef(i.indexrelid),
    CASE WHEN NOT (indisvalid AND indisready AND indislive AND ours.relhasindex) THEN 'not in use' END),
    CASE WHEN NOT indisvalid AND EXISTS (SELECT FROM pg_index o WHERE o.indrelid = i.indrelid AND o.indexrelid <> i.indexrelid
        AND ${nameless('o.indexrelid')} = ${nameless('i.indexrelid')}) THEN 'passing'
      ELSE ${isHarmful(`EXISTS (SELECT FROM pg_index o WHERE o.indrelid = i.indrelid AND o.indexrelid <> i.indexrelid AND o.indkey[0] = i.indkey[0])
      OR pg_get_indexdef(i.indexrelid) !~ '^CREATE INDEX [a-z0-9_]+ ON [A-Za-z0-9_. ]+ USING btree \\([a-z0-9_]+(, [a-z0-9_]+)*\\)$'`)} END
  FROM ours JOIN pg_index i ON i.indrelid = ours.oid JOIN pg_class x ON x.oid = i.indexrelid`

// Those of the server's own too: no key of ours has any.
const TRIGGERS = `SELECT 'trigger', relname, tgname, concat_ws(' ', pg_get_triggerdef(t.oid),
    CASE tgenabled WHEN 'O' THEN NULL WHEN 'D' THEN '(disabled)' ELSE '(enabled otherwise)' END,
    CASE WHEN tgisinternal THEN '(internal)' END, CASE WHEN NOT ours.relhastriggers THEN '(not looked for)' END), 'by table'
  FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid`

const RULES = `SELECT 'rule', relname, rulename, pg_get_ruledef(r.oid), 'by table'
  FROM ours JOIN pg_rewrite r ON r.ev_class = ours.oid`

const POLICIES = `SELECT 'policy', relname, polname, '', 'by table' FROM ours JOIN pg_policy p ON p.polrelid = ours.oid`

// One in public is taken where it suits a call of ours better than the server's own.
const FUNCTIONS = `SELECT 'function', '', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    concat_ws(' ', CASE WHEN prokind IN ('f', 'p') THEN encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex') END,
      ${owned('proowner')}),
    ${isHarmful(`prosecdef OR p.proname LIKE 'audit\\_%'
      OR EXISTS (SELECT FROM pg_proc o WHERE o.pronamespace = 'pg_catalog'::regnamespace AND o.proname = p.proname)`)}
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    AND (p.proname LIKE 'audit\\_%' OR NOT ${isOfExtension('pg_proc', 'p.oid')})`

// Whoever may call one may do what the owner of our tables may.
const FUNCTIONS_ELSEWHERE = `SELECT 'function', '', p.oid::regprocedure::text, '', 'harmful' FROM pg_proc p
  WHERE pronamespace NOT IN ('public'::regnamespace, 'pg_catalog'::regnamespace) AND prosecdef
    AND proowner = (SELECT relowner FROM entries) AND NOT ${isOfExtension('pg_proc', 'p.oid')}`

const OPERATORS = `SELECT 'operator', '', oid::regoperator::text, '', 'harmful' FROM pg_operator o
  WHERE oprnamespace = 'public'::regnamespace AND NOT ${isOfExtension('pg_operator', 'o.oid')}`

// From 16384 on they are not the server's.
const CASTS = `SELECT 'cast', '', format_type(castsource, NULL) || ' as ' || format_type(casttarget, NULL), '', 'harmful' FROM pg_cast c
  WHERE oid >= 16384 AND NOT ${isOfExtension('pg_cast', 'c.oid')}`

// They run when a month is made.
const EVENT_TRIGGERS = `SELECT 'event trigger', '', evtname, '', 'harmful' FROM pg_event_trigger e
  WHERE evtenabled <> 'D' AND NOT ${isOfExtension('pg_event_trigger', 'e.oid')}`

// Who owns the schema may drop what is in it.
const OWNER_OF_SCHEMA = `SELECT 'owner', '', 'of the schema public: ' || rolname, '', 'harmful' FROM pg_namespace JOIN pg_roles r ON r.oid = nspowner
  WHERE nspname = 'public' AND NOT rolsuper AND rolname <> 'pg_database_owner' AND nspowner <> (SELECT relowner FROM entries)`

const SUBSCRIPTIONS = `SELECT DISTINCT 'subscription', '', ours.relname::text, '', 'harmful'
  FROM pg_subscription_rel JOIN ours ON ours.oid = srrelid`

// With another than this no trigger of ours runs, whoever asks.
const SETTINGS = `SELECT 'setting', '', name || ' = ' || setting, '', 'harmful' FROM pg_settings
  WHERE name = 'session_replication_role' AND setting <> 'origin'
UNION
SELECT 'setting', '', replace(each, '=', ' = '), '', 'harmful' FROM pg_db_role_setting, unnest(setconfig) each
  WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND each LIKE 'session\\_replication\\_role=%' AND each <> 'session_replication_role=origin'`

const EXTENSIONS = `SELECT 'extension', '', extname, '', 'harmless' FROM pg_extension WHERE extname <> 'plpgsql'`
const PUBLICATIONS = `SELECT 'publication', '', pubname, '', 'harmless' FROM pg_publication`

const ALL = [
  TABLES,
  TABLES_ELSEWHERE,
  COLUMNS,
  CONSTRAINTS,
  INDICES,
  TRIGGERS,
  RULES,
  POLICIES,
  FUNCTIONS,
  FUNCTIONS_ELSEWHERE,
  OPERATORS,
  CASTS,
  EVENT_TRIGGERS,
  OWNER_OF_SCHEMA,
  SUBSCRIPTIONS,
  SETTINGS,
  EXTENSIONS,
  PUBLICATIONS,
]
const OBJECTS = `WITH entries AS (SELECT relowner FROM pg_class WHERE oid = to_regclass('public.audit_logs')),
  ours AS (SELECT oid, relname, relhasindex, relhastriggers FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relname = ANY (string_to_array(?, ',')) AND relkind IN ('r', 'p', 'f', 'v', 'm'))
${ALL.join('\nUNION ALL\n')}`

/** All that the schema is made of, of our tables (by their names) more than of others. */
export const objectsIn = (snapshot: Snapshot, ours: readonly string[]): Promise<ServerObject[]> =>
  snapshot.rows<ServerObject>(OBJECTS, [ours.join(',')])
