import type { Snapshot } from '../../contract.ts'
import type { SchemaObject } from '../../schema/schema-object.ts'

/** An object of a database on a server. */
export interface ServerObject extends SchemaObject {
  /** Whether it can change, hide or let go rows of ours, should it be somebody else's; null: wherever it belongs to a table of ours. */
  readonly harm: 0 | 1 | null
}

/** What is said of the owner of a table or function: above all that it is the one of the entries. */
const OWNED = (owner: string) =>
  `CASE WHEN ${owner} = (SELECT relowner FROM entries) THEN 'owned as audit_logs' ELSE 'owned by another' END`
const IS_EXTENSIONS = (classid: string, oid: string) =>
  `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${classid}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`

// Rules of views are what views are; constraints of NOT NULL are in the columns (and have a row of their own since 18);
// triggers of foreign keys are theirs. Copies of a trigger on partitions come and go with it.
const OBJECTS = `WITH entries AS (SELECT relowner FROM pg_class WHERE oid = to_regclass('public.audit_logs')),
  rel AS (SELECT c.* FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
    AND (c.relname = ANY (string_to_array(?, ',')) OR NOT ${IS_EXTENSIONS('pg_class', 'c.oid')})),
  ours AS (SELECT oid, relname FROM rel WHERE relname = ANY (string_to_array(?, ',')))
SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' WHEN relkind = 'S' THEN 'sequence' ELSE 'table' END AS kind,
    CASE WHEN relkind IN ('r', 'p', 'f') THEN relname ELSE '' END::text AS "table", relname::text AS name,
    concat_ws(' ', relkind, relpersistence, CASE WHEN relrowsecurity THEN 'secured by row' END,
      CASE WHEN relforcerowsecurity THEN 'forced' END, pg_get_partkeydef(rel.oid), pg_get_expr(relpartbound, rel.oid),
      (SELECT 'in ' || string_agg(inhparent::regclass::text, ', ') FROM pg_inherits WHERE inhrelid = rel.oid), ${OWNED('relowner')})
      AS definition,
    EXISTS (SELECT FROM pg_inherits JOIN ours ON ours.oid = inhparent WHERE inhrelid = rel.oid)
      OR EXISTS (SELECT FROM pg_constraint JOIN ours ON ours.oid = confrelid WHERE conrelid = rel.oid) AS harm
  FROM rel
UNION ALL
SELECT DISTINCT 'table', c.oid::regclass::text, c.oid::regclass::text, '', true FROM pg_class c JOIN ours ON true
  WHERE c.relnamespace <> 'public'::regnamespace AND (
    EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid AND inhparent = ours.oid)
    OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND confrelid = ours.oid))
UNION ALL
SELECT 'column', relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
    (SELECT 'COLLATE ' || collname FROM pg_collation WHERE oid = a.attcollation), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    nullif(a.attidentity, ''), nullif(a.attgenerated, ''), (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = a.attrelid AND adnum = a.attnum)),
    NULL
  FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', relname, conname, concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN NOT convalidated THEN 'not validated' END), NULL
  FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid WHERE contype NOT IN ('n', 't')
UNION ALL
SELECT 'index', ours.relname, x.relname, concat_ws(' ', pg_get_indexdef(i.indexrelid),
    CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'not in use' END),
    indisunique OR indisexclusion OR indexprs IS NOT NULL OR indpred IS NOT NULL
  FROM ours JOIN pg_index i ON i.indrelid = ours.oid JOIN pg_class x ON x.oid = i.indexrelid
UNION ALL
SELECT 'trigger', relname, tgname, concat_ws(' ', pg_get_triggerdef(t.oid),
    CASE tgenabled WHEN 'O' THEN NULL WHEN 'D' THEN '(disabled)' ELSE '(enabled otherwise)' END), NULL
  FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'rule', relname, rulename, pg_get_ruledef(r.oid), NULL FROM ours JOIN pg_rewrite r ON r.ev_class = ours.oid
UNION ALL
SELECT 'policy', relname, polname, '', NULL FROM ours JOIN pg_policy p ON p.polrelid = ours.oid
UNION ALL
SELECT 'function', '', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    concat_ws(' ', CASE WHEN prokind IN ('f', 'p') THEN encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex') END,
      ${OWNED('proowner')}),
    prosecdef OR p.proname LIKE 'audit\\_%' OR EXISTS (SELECT FROM pg_proc o WHERE o.pronamespace = 'pg_catalog'::regnamespace AND o.proname = p.proname)
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND (p.proname LIKE 'audit\\_%' OR NOT ${IS_EXTENSIONS('pg_proc', 'p.oid')})
UNION ALL
SELECT 'operator', '', oid::regoperator::text, '', true FROM pg_operator o
  WHERE oprnamespace = 'public'::regnamespace AND NOT ${IS_EXTENSIONS('pg_operator', 'o.oid')}
UNION ALL
SELECT 'cast', '', format_type(castsource, NULL) || ' as ' || format_type(casttarget, NULL), '', true FROM pg_cast c
  WHERE oid >= 16384 AND NOT ${IS_EXTENSIONS('pg_cast', 'c.oid')}
UNION ALL
SELECT 'event trigger', '', evtname, '', true FROM pg_event_trigger e WHERE evtenabled <> 'D'
UNION ALL
SELECT DISTINCT 'subscription', '', ours.relname, '', true FROM pg_subscription_rel JOIN ours ON ours.oid = srrelid
UNION ALL
SELECT 'extension', '', extname, '', false FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL
SELECT 'publication', '', pubname, '', false FROM pg_publication
UNION ALL
SELECT 'setting', '', name || ' = ' || setting, '', true FROM pg_settings
  WHERE name = 'session_replication_role' AND setting <> 'origin'`

/** All that the schema is made of, of our tables (by their names) more than of others. */
export function objectsIn(snapshot: Snapshot, ours: readonly string[]): Promise<ServerObject[]> {
  const names = ours.join(',')
  return snapshot.rows<ServerObject>(OBJECTS, [names, names])
}
