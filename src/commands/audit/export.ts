import { exportToFile } from '../../audit/audit-export.ts'
import { auditEvent } from '../../audit/entry.ts'
import { DAY } from '../../kernel/clock.ts'
import { days } from '../arguments/days.ts'
import { defineCommand } from '../command.ts'

export const exportLogs = defineCommand({
  words: ['audit', 'export'],
  role: 'OWNER',
  summary: 'All audit logs of the last 30 days, or as many as you say (at most 365), as a JSON file.',
  examples: ['audit export', 'audit export 90'],
  sensitive: true,
  arguments: { days: days(30) },
  attemptedAction: () => 'EXPORT_AUDIT_LOGS',
  denial: (texts) => texts.denied.exportAudit,
  run: async (context, { days }) => {
    const { logs, texts, clock } = context
    context.progress(texts.audit.exporting(days))
    const now = new Date(clock.now())
    const name = `audit-logs-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.json`
    const path = await context.outgoingFile(name)
    const filter = { startDate: new Date(now.getTime() - days * DAY) }
    const recordCount = await exportToFile(logs, filter, 'json', path)
    return async (tx, { actor, place }) => {
      await tx.append(
        auditEvent('AUDIT_LOG_EXPORTED', actor, place, { format: 'json', recordCount, filters: { days } }),
      )
      return {
        kind: 'answered',
        text: texts.audit.exported(recordCount, days),
        attachments: [{ kind: 'document', name, mimeType: 'application/json', path }],
      }
    }
  },
})
