import { parseArgs } from 'node:util'
import { readHead } from '../audit/write/trail.repository.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../storage/database.ts'
import { record } from './record.ts'

/** `chatwarden checkpoint`: the signed head, if there is one. */
export async function run(args: string[]): Promise<number> {
  parseArgs({ args, options: {} })
  const database = await openDatabase(readConfig().databaseUrl)
  try {
    const { checkpoint, size } = await readHead(database.reader)
    process.stdout.write(checkpoint)
    if (checkpoint === '') return 3
    await record('AUDIT_CHECKPOINT_SENT', { size, recipients: 1 })
    return 0
  } finally {
    await database.close()
  }
}
