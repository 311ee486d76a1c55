import type { AuditLog } from '../entry/entry.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'

/** An entry with what its leaf needs besides, as files have it. */
export type ExportEntry = AuditLog & {
  /** 32 lower hex digits. */
  readonly nonce: string
}

export const toExportEntry = (entry: ProvableEntry): ExportEntry => ({
  ...entry,
  phoneNumber: entry.account,
  nonce: Buffer.from(entry.nonce).toString('hex'),
})
