import { Client } from 'pg'

/** What the server answered to the statement that it refused. */
export interface Refusal {
  readonly code: string | undefined
  readonly message: string
}

/**
 * Does statements one after the other as somebody who is connected, and tries to commit. @returns what was refused;
 * `undefined` if everything went through.
 */
export async function attempt(url: string, statements: readonly string[]): Promise<Refusal | undefined> {
  const client = new Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    for (const sql of ['BEGIN', ...statements, 'COMMIT']) await client.query(sql)
    return undefined
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    return { code, message }
  } finally {
    await client.end()
  }
}

/** An entry as somebody writes it who passes the bot by. It is the last of the trail if its time is. */
export const forged = (
  action: string,
  metadata: Readonly<Record<string, unknown>>,
  { at = "now() AT TIME ZONE 'UTC' + interval '1 second'", seq = '1000000', category = 'ADMIN' } = {},
): string => `INSERT INTO audit_logs (seq, id, created_at, source, category, action, description, account, user_role,
    metadata, nonce, leaf_hash)
  VALUES (${seq}, gen_random_uuid()::text, ${at}, 'api', '${category}', '${action}', '', 'SYSTEM', 'SYSTEM',
    '${JSON.stringify(metadata)}', '', '')`

/** Everything that an attack must leave as it was, as one number. */
export const STATE = `
  SELECT md5(string_agg(part, '|')) AS state FROM (
    SELECT (SELECT string_agg(l::text, ',' ORDER BY seq, id) FROM audit_logs l) AS part
    UNION ALL SELECT string_agg(t::text, ',' ORDER BY level, idx) FROM audit_tiles t
    UNION ALL SELECT string_agg(h::text, ',') FROM audit_head h
    UNION ALL SELECT string_agg(p::text, ',') FROM audit_policy p
    UNION ALL SELECT string_agg(concat(tgrelid::regclass, tgname, tgenabled), ',' ORDER BY tgrelid, tgname) FROM pg_trigger
    UNION ALL SELECT string_agg(concat(proname, prosrc, prosecdef, proconfig), ',' ORDER BY oid)
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'audit%'
    UNION ALL SELECT string_agg(concat(relname, relowner, relacl), ',' ORDER BY relname)
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname ~ '^(audit|users)') AS parts`
