import { setTimeout as sleep } from 'node:timers/promises'
import { openRaw } from './database.ts'

/** As SQLite says it, and PostgreSQL. */
const BUSY = ['SQLITE_BUSY', '55P03']

/** Changes a database behind Chatwarden's back, at a moment when this process does not hold its lock. */
export async function changeWhenFree(path: string, sql: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const database = openRaw(path, { timeout: 20 })
    try {
      database.exec(sql)
      return
    } catch (error) {
      const isBusy = BUSY.includes((error as { code?: string }).code ?? '')
      if (!isBusy || attempt === 200) throw error
    } finally {
      database.close()
    }
    await sleep(5)
  }
}
