import { accountOf } from '../kernel/phone.ts'
import type { Snapshot } from '../storage/contract.ts'

/** Where people stand by number, id or account. */
const NAMES = [
  'SELECT phone_number FROM audit_logs',
  'SELECT user_id FROM audit_logs',
  "SELECT resource_id FROM audit_logs WHERE resource_type = 'user'",
  'SELECT id FROM users',
  'SELECT phone_number FROM users',
  'SELECT account FROM known_accounts',
  'SELECT phone_number FROM known_accounts',
  'SELECT account FROM pinned_accounts',
  'SELECT phone_number FROM pinned_accounts',
  'SELECT account FROM identity_claims',
  'SELECT phone_number FROM identity_claims',
  'SELECT phone_number FROM blocks',
  'SELECT sender FROM refusals',
  'SELECT sender FROM denial_windows',
  'SELECT phone_number FROM page_cursors',
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

/** Everybody whom a database knows, by all that an erasure may have known them by. */
export async function knownPeople(snapshot: Snapshot): Promise<Set<string>> {
  const people = new Set<string>()
  for (const sql of NAMES)
    for (const [name] of await snapshot.read<[string | null]>(`SELECT DISTINCT * FROM (${sql}) AS names`))
      if (name !== null) people.add(accountOf(String(name)))
  for (const sql of TEXTS)
    for (const [text] of await snapshot.read<[string | null]>(sql))
      for (const [digits] of String(text).matchAll(/[0-9]{7,20}/g))
        for (const name of [`+${digits}`, `${digits}@lid`, `${digits}@c.us`]) people.add(name)
  return people
}
