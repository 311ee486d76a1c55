import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'

/** Changes a database behind Chatwarden's back, at a moment when this process does not hold its lock. */
export async function changeWhenFree(path: string, sql: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const database = new Database(path, { timeout: 20 })
    try {
      database.exec(sql)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || attempt === 200) throw error
    } finally {
      database.close()
    }
    await sleep(5)
  }
}
