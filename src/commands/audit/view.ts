import type { AuditFilter } from '../../audit/entry/audit-filter.ts'
import { auditEvent } from '../../audit/entry/entry.ts'
import { ownTime } from '../../kernel/own-time.ts'
import type { CommandContext, Commit } from '../command.ts'
import type { Page } from './page.ts'

/** A view of the trail: the entry that says so is written before anything is shown. */
export function viewed(
  context: CommandContext,
  filters: Record<string, string | number | boolean>,
  page: Page,
  subjectId?: string,
): Commit {
  const older: Record<string, number> = context.position === undefined ? {} : { beforeSeq: Number(context.position) }
  return async (tx, { actor, place }) => {
    await tx.append(auditEvent('AUDIT_LOG_VIEWED', actor, place, { filters: { ...filters, ...older } }, subjectId))
    return { kind: 'answered', text: page.text, ...(page.next === undefined ? {} : { position: page.next }) }
  }
}

/** Why nothing was found: no entries at all, none in the range of time, or none for the filter. */
export async function whyEmpty({ logs, texts, time }: CommandContext, range: AuditFilter): Promise<string> {
  const [newest] = await logs.query({ limit: 1 })
  if (newest === undefined) return texts.audit.whyEmpty
  const at = ownTime(newest)
  if (range.startDate !== undefined && at < range.startDate) return texts.audit.whyRange(time(at))
  return texts.audit.whyFilter
}
