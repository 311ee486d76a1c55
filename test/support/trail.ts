import { expect } from 'vitest'
import type { AuditLog } from '../../src/audit/entry/entry.ts'
import type { Handled } from '../../src/kernel/message.ts'
import type { TestWarden } from './chatwarden.ts'

/** An entry with its metadata read. */
export type Entry = Omit<AuditLog, 'metadata'> & { readonly metadata: Readonly<Record<string, unknown>> }

export const readEntry = (entry: AuditLog): Entry => ({ ...entry, metadata: JSON.parse(entry.metadata) })

/** What `act` wrote to the trail, in the order of the trail, and what it came to. */
export async function entriesOf<T>(
  warden: TestWarden,
  act: () => Promise<T>,
): Promise<{ result: T; entries: readonly Entry[] }> {
  const before = await lastSeq(warden)
  const result = await act()
  const written = (await lastSeq(warden)) - before
  if (written === 0) return { result, entries: [] }
  const last = await warden.AuditLogRepository.query({ limit: Math.min(written, 1000) })
  return {
    result,
    entries: last
      .filter(({ seq }) => seq > before)
      .reverse()
      .map(readEntry),
  }
}

async function lastSeq({ AuditLogRepository }: TestWarden): Promise<number> {
  const [last] = await AuditLogRepository.getRecent(1)
  return last?.seq ?? -1
}

/** Everything that a denied command must leave as it was. */
export const stateOf = (warden: TestWarden): unknown => ({
  users: warden.sql('SELECT * FROM users ORDER BY id'),
  accounts: warden.sql('SELECT * FROM accounts ORDER BY account'),
  seeded: warden.sql('SELECT * FROM seeded_accounts ORDER BY account'),
  cursors: warden.sql('SELECT * FROM page_cursors ORDER BY sender, channel_id'),
})

/** Runs `act`, which must be denied: one entry with that attempted action, and nothing else changes. */
export async function expectDenial(
  warden: TestWarden,
  act: () => Promise<Handled>,
  denial: { readonly attemptedAction: string; readonly by: string; readonly role: string },
): Promise<Handled> {
  const before = stateOf(warden)
  const { result, entries } = await entriesOf(warden, act)
  expect(result.status).toBe('denied')
  expect(
    entries.map(({ action, category, phoneNumber, userRole, metadata }) => ({
      action,
      category,
      by: phoneNumber,
      role: userRole,
      attemptedAction: metadata.attemptedAction,
    })),
  ).toEqual([{ action: 'PERMISSION_DENIED', category: 'AUTH', ...denial }])
  expect(stateOf(warden)).toEqual(before)
  return result
}

export const textOf = ({ replies }: Handled): string => replies[0]?.text ?? ''

export const roleOf = async (warden: TestWarden, phone: string): Promise<string> =>
  (await warden.UserRepository.findByPhoneNumber(phone))?.role ?? 'NONE'

/** Makes the database refuse every entry, as a full disk would, until it is told otherwise. */
export function refuseEntries(warden: TestWarden): () => void {
  warden.sql("CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  return () => void warden.sql('DROP TRIGGER refuse')
}
