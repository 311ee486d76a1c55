import type { AuditFilter } from '../../audit/entry/audit-filter.ts'
import { auditEvent } from '../../audit/entry/entry.ts'
import type { Exported } from '../../audit/export/exporter.ts'
import type { ExportShape } from '../../audit/export/formats.ts'
import { shapeOf } from '../../audit/export/shape-words.ts'
import { recordOf, SHAPE_WORDS } from '../../audit/read/filter-grammar.ts'
import { filters } from '../arguments/filters.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { fileLimit, handOver } from '../hand-over.ts'
import { removeOutgoing } from '../outgoing.ts'
import { meant, withinDays } from './filtered.ts'
import { minutely } from './minutely.ts'

export const exportLogs = defineCommand({
  words: ['audit', 'export'],
  role: 'OWNER',
  summary:
    'All audit logs of the last 30 days, or as many as you say (at most 365), or those of a filter, as a file with a signed manifest: JSON, or format:csv, format:jsonl, each also with .gz; format:csv bom:yes for Excel.',
  examples: [
    'audit export',
    'audit export 90 format:csv',
    'audit export category:SECURITY since:2026-02-01 format:jsonl.gz',
  ],
  sensitive: true,
  arguments: { filters: filters({ placeholder: '[days] [filters…]', more: SHAPE_WORDS, mayBeAbsent: true }) },
  attemptedAction: () => 'EXPORT_AUDIT_LOGS',
  denial: (texts) => texts.denied.exportAudit,
  run: async (context, { filters }) => {
    const { texts } = context
    const words = withinDays(filters, 30)
    const asked = shapeOf(words, 'json')
    if ('problem' in asked) return async () => ({ kind: 'usage', text: texts.filter.problem(asked.problem) })
    const { shape } = asked
    const read = await meant(context, words)
    if ('problem' in read) return async () => ({ kind: 'usage', text: read.problem })
    const [period, restrictions] = [texts.filter.period(words), texts.filter.restrictions(words)]
    context.progress(texts.exported.started(period, restrictions))
    const write = (compress: boolean) => writeExport(context, read.filter, { ...shape, gzip: compress })
    const plain = await write(shape.gzip)
    const isTooLarge = !shape.gzip && plain.bytes > fileLimit(context)
    if (isTooLarge) await removeOutgoing(plain.path)
    const exported = isTooLarge ? await write(true) : plain
    const parcel = await handOver(context, exported.path, exported.mimeType)
    const { count, bytes, sha256 } = exported
    const notes = [...(isTooLarge ? [texts.exported.compressed] : []), ...parcel.notes]
    const text = [texts.exported.done({ records: count, period, restrictions, bytes, sha256 }), ...notes].join('\n')
    return async (tx, { actor, place }) => {
      const metadata = {
        format: words.format ?? shape.format,
        recordCount: count,
        filters: recordOf(words),
        file: parcel.name,
        sha256,
      }
      await tx.append(auditEvent('AUDIT_LOG_EXPORTED', actor, place, { ...metadata, by: parcel.by }))
      return { kind: 'answered', text, attachments: parcel.attachments }
    }
  },
})

type Shape = ExportShape & { readonly gzip: boolean }

async function writeExport(context: CommandContext, filter: AuditFilter, shape: Shape): Promise<Exported> {
  const { clock, texts, exporter, settings, own, caller } = context
  const time = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '')
  const path = await context.outgoingFile(`audit-logs-${time}.${shape.format}${shape.gzip ? '.gz' : ''}`)
  const { account, role, operator } = caller.actor
  const by = `${account} (${role})${operator === undefined ? '' : `, typed by ${operator}`}`
  const request = { ...shape, path, filter, by, timeZone: settings.get(own.timeZone) }
  return exporter.write(request, minutely(context, texts.exported.going))
}
