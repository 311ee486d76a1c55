import type { Snapshot } from './contract.ts'
import { isDamaged } from './database-error.ts'
import { askInThread } from './integrity-thread.ts'

/** More problems than these are not worth reading. */
const MOST = 10
/** Above so many pages of 4 KiB it takes longer than a thread takes to begin. */
const LARGE = 5000

/**
 * Whether the database itself is sound: above all, whether every index leads to the rows of its table, to all of them and
 * to no others. Who reads by an index sees something else otherwise than who reads the table.
 * @returns what is wrong, each in a few words; a file of a million entries takes some seconds.
 */
export async function integrityProblems(snapshot: Snapshot): Promise<readonly string[]> {
  if (snapshot.dialect.name !== 'sqlite')
    return (await import('./postgresql/integrity.ts')).postgresIntegrityProblems(snapshot)
  try {
    return await checkFile(snapshot)
  } catch (error) {
    if (isDamaged(error)) return [(error as Error).message]
    throw error
  }
}

// By statements: functions of the same names could be tables of the file.
async function checkFile(snapshot: Snapshot): Promise<string[]> {
  const [[, , path] = [0, '', '']] = await snapshot.read<[number, string, string]>('PRAGMA database_list')
  const [[pages] = [0]] = await snapshot.read<[number]>('PRAGMA page_count')
  const ask = (sql: string) => (pages > LARGE ? askInThread(path, sql) : snapshot.read<[string]>(sql))
  const check = async (what: string | number) =>
    (await ask(`PRAGMA integrity_check(${what})`)).map(([verdict]) => verdict).filter((verdict) => verdict !== 'ok')
  try {
    return await check(MOST)
  } catch (error) {
    if (isDamaged(error)) throw error
  }
  // Somebody's own table wants what only their program has, such as a collation: then each is looked at by itself.
  const found: string[] = []
  for (const { schema, name } of await snapshot.rows<{ schema: string; name: string }>('PRAGMA table_list'))
    if (schema === 'main')
      found.push(...(await check(`"${name.replaceAll('"', '""')}"`).catch((error) => unlessDamaged(error))))
  return found
}

function unlessDamaged(error: unknown): string[] {
  if (isDamaged(error)) throw error
  return []
}
