import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COVERS, SEALED_TABLES } from '../../src/storage/covers.ts'
import { openTestWarden } from '../support/chatwarden.ts'
import { ROOT } from '../support/child.ts'

/** Each column as `table.column`, in the order of their names. */
const listed = (database: 'sqlite' | 'postgresql'): string[] =>
  Object.entries(COVERS)
    .filter(([, { only = database }]) => only === database)
    .flatMap(([table, { columns }]) => columns.flatMap((each) => each.columns.map((column) => `${table}.${column}`)))
    .sort()

describe('the list of columns has each column once, and no other,', () => {
  test('of a SQLite file', async () => {
    const { sql } = await openTestWarden()
    const columns = sql<{ name: string }>(
      `SELECT m.name || '.' || c.name AS name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'`,
    )
    expect(listed('sqlite')).toEqual(columns.map(({ name }) => name).sort())
  })

  test('of a database on PostgreSQL', () => {
    // What the migrations make there, which another test holds against a server.
    const objects = readFileSync(join(ROOT, 'prisma/postgresql/schema.jsonl'), 'utf8').trim().split('\n')
    const columns = objects
      .map((line) => JSON.parse(line) as { kind: string; table: string; name: string })
      // The entries of a month are a part of the table.
      .filter(({ kind, table }) => kind === 'column' && table !== 'audit_logs_month')
    expect(listed('postgresql')).toEqual(columns.map(({ table, name }) => `${table}.${name}`).sort())
  })
})

test('what is signed of a row stays the same: another order would make every seal wrong', () => {
  expect(Object.fromEntries(SEALED_TABLES)).toEqual({
    page_cursors: ['sender', 'channel_id', 'command', 'arguments', 'position', 'expires_at'],
    denial_windows: ['sender', 'answered', 'counted', 'expires_at'],
    outbox_messages: ['id', 'source', 'message', 'reply', 'created_at'],
    known_accounts: ['account', 'phone', 'told_at'],
    identity_claims: ['phone', 'account', 'claimed_at'],
    new_owners: ['user_id', 'since', 'remaining'],
    clock_doubts: ['since', 'remaining'],
  })
})
