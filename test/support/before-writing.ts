import { onTestFinished, vi } from 'vitest'
import { AuditWriter } from '../../src/audit/write/audit-writer.ts'

/** Does something to a database just before the next change is written: later than whatever is looked at when it is opened. */
export function beforeWriting(act: () => void): void {
  const write = AuditWriter.prototype.transaction
  const spy = vi.spyOn(AuditWriter.prototype, 'transaction').mockImplementationOnce(function (
    this: AuditWriter,
    work: never,
  ) {
    act()
    return write.call(this, work)
  } as typeof write)
  onTestFinished(() => void spy.mockRestore())
}
