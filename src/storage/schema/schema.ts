import { ChatwardenError } from '../../kernel/errors.ts'
import type { Snapshot } from '../contract.ts'
import type { Deviations } from './deviations.ts'
import { sqliteDeviations } from './sqlite-schema.ts'

/** Compares the schema of a database with what the migrations make that it has. */
export async function schemaDeviations(snapshot: Snapshot): Promise<Deviations> {
  if (snapshot.dialect.name === 'sqlite') return sqliteDeviations(snapshot)
  return (await import('../postgresql/schema/postgres-schema.ts')).postgresDeviations(snapshot)
}

/** @throws {ChatwardenError} `SCHEMA_ALTERED` for a database in which something can change, hide or let go what is in it. */
export function refuseAltered({ refused }: Pick<Deviations, 'refused'>): void {
  if (refused.length > 0)
    throw new ChatwardenError('SCHEMA_ALTERED', `\n${refused.map((each) => `- ${each}`).join('\n')}`)
}
