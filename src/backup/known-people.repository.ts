import { canonicalPhone } from '../kernel/canonical-phone.ts'
import type { Snapshot } from '../storage/contract.ts'

/** Where people stand by number, id or account. */
const NAMES = [
  'SELECT account FROM audit_logs',
  'SELECT user_id FROM audit_logs',
  'SELECT subject_id FROM audit_logs',
  "SELECT resource_id FROM audit_logs WHERE resource_type = 'user'",
  'SELECT id FROM users',
  'SELECT account FROM accounts',
  'SELECT account FROM known_accounts',
  'SELECT phone FROM known_accounts',
  'SELECT account FROM identity_claims',
  'SELECT phone FROM identity_claims',
  'SELECT account FROM blocks',
  'SELECT sender FROM refusals',
  'SELECT sender FROM denial_windows',
  'SELECT sender FROM page_cursors',
  'SELECT requested_by FROM confirmations',
  'SELECT confirmer FROM confirmations',
]

/** Where their digits stand among others. */
const TEXTS = [
  'SELECT message_id FROM processed_messages',
  'SELECT message FROM outbox_messages',
  'SELECT reply FROM outbox_messages',
  'SELECT channel_id FROM page_cursors',
  'SELECT arguments FROM page_cursors',
  'SELECT position FROM page_cursors',
  'SELECT arguments FROM confirmations',
]

/** An account of any platform, whose word has at most 31 characters. */
const ACCOUNT = /\b[a-z][a-z0-9-]{0,30}:[^\s"\\]+/g

/** Everybody whom a database knows, by all that an erasure may have known them by. */
export async function knownPeople(snapshot: Snapshot): Promise<Set<string>> {
  const people = new Set<string>()
  for (const sql of NAMES)
    for (const [name] of await snapshot.read<[string | null]>(`SELECT DISTINCT * FROM (${sql}) AS names`))
      if (name !== null) people.add(String(name))
  for (const sql of TEXTS)
    for (const [text] of await snapshot.read<[string | null]>(sql)) {
      for (const [digits] of String(text).matchAll(/[0-9]{7,20}/g))
        for (const name of [canonicalPhone(`+${digits}`), `whatsapp:${digits}@lid`]) people.add(name)
      for (const [account] of String(text).matchAll(ACCOUNT)) people.add(account)
    }
  return people
}
