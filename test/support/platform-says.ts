import { sealBy } from '../../src/audit/write/row-seals.ts'
import type { TestWarden } from './chatwarden.ts'
import { keyOf } from './writer.ts'

/** What a platform said of an account, as the bot keeps it. */
export function platformSays(warden: TestWarden, account: string, phone: string, toldAt = Date.now()): void {
  const seal = sealBy(keyOf(warden.path).current(), ['known_accounts', account, phone, toldAt])
  warden.sql('INSERT INTO known_accounts VALUES (?, ?, ?, ?)', account, phone, toldAt, seal)
}
