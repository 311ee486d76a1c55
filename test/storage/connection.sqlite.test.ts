import { describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/storage/contract.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { openTestWarden, type TestWarden } from '../support/chatwarden.ts'

async function openStorage({ url }: TestWarden): Promise<Database> {
  const database = await openDatabase(url)
  onTestFinished(() => database.close())
  return database
}

describe('the connection', () => {
  test('is in WAL mode and waits for the disk at every commit, also on a file that existed', async () => {
    const database = await openStorage(await openTestWarden())
    const modes = await database.transaction(async (tx) => ({
      journal: await tx.$queryRaw`SELECT journal_mode FROM pragma_journal_mode`,
      synchronous: await tx.$queryRaw`SELECT synchronous FROM pragma_synchronous`,
    }))
    expect(modes).toEqual({ journal: [{ journal_mode: 'wal' }], synchronous: [{ synchronous: 2n }] })
  })

  test('for writes takes no replacement of an entry', async () => {
    const database = await openStorage(await openTestWarden())
    const replace = database.transaction(
      (tx) => tx.$executeRaw`INSERT OR REPLACE INTO audit_logs SELECT * FROM audit_logs WHERE seq = 0`,
    )
    await expect(replace).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
  })
})
