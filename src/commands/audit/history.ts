import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { AuditFilter, Who } from '../../audit/entry/audit-filter.ts'
import { type AuditLog, auditEvent } from '../../audit/entry/entry.ts'
import { inFileName } from '../../kernel/account.ts'
import { objectIn } from '../../kernel/json.ts'
import { ownTime } from '../../kernel/own-time.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import { findPerson, whoOf } from '../../roles/person.ts'
import { person } from '../arguments/person.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { minutely } from './minutely.ts'
import { shownActor } from './page.ts'

/** So many kinds of actions are in the answer; the file has all. */
const MOST_SHOWN = 8

export const history = defineCommand({
  words: ['audit', 'history'],
  role: 'ADMIN',
  summary: 'All that you may see by and about one person, as a report to read and hand on, and a summary.',
  examples: ['audit history +1234567890'],
  sensitive: true,
  arguments: { target: person },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { target }) => {
    const { texts, clock, time, reader } = context
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '')
    const who = whoOf(await findPerson(reader, target))
    const path = await context.outgoingFile(`audit-history-${inFileName(target)}-${day}.txt`)
    const report = await writeReport(context, target, who, path)
    const recordCount = report.by.count + report.on.count
    if (recordCount === 0) return async () => ({ kind: 'not-found', text: texts.exported.noHistory(target) })
    const text = texts.exported.history({
      account: target,
      by: mostFrequent(context, report.by),
      on: mostFrequent(context, report.on),
      counts: [report.by.count, report.on.count],
      ends: report.ends?.map(time),
    })
    return async (tx, { actor, place }) => {
      const filters = { phoneNumber: target, view: 'history' }
      const metadata = { format: 'text', recordCount, filters, sha256: report.sha256 }
      await tx.append(auditEvent('AUDIT_LOG_EXPORTED', actor, place, metadata, who.userId))
      const name = path.slice(path.lastIndexOf('/') + 1)
      return { kind: 'answered', text, attachments: [{ kind: 'document', name, mimeType: 'text/plain', path }] }
    }
  },
})

interface Part {
  count: number
  readonly actions: Map<string, number>
}

/** Document 000, "Full User Action History": two parts, a line for each entry. */
async function writeReport(context: CommandContext, target: string, who: Who, path: string) {
  const { logs, clock, time, texts } = context
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
  const written = finished(file)
  // Awaited at the end: until then a full disk must not be an error that nobody takes.
  written.catch(() => {})
  const hash = createHash('sha256')
  const write = async (text: string) => {
    hash.update(text)
    if (!file.write(text)) await once(file, 'drain')
  }
  const total = (await logs.count({ by: who })) + (await logs.count({ about: who }))
  const onProgress = minutely(context, texts.exported.going)
  let done = 0
  const times = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
  const part = async (title: string, filter: AuditFilter, line: (entry: AuditLog) => string): Promise<Part> => {
    const found: Part = { count: 0, actions: new Map() }
    await write(`${title}\n`)
    for await (const entry of logs.iterate(filter)) {
      const at = ownTime(entry)
      await write(`${time(at)} | ${line(entry)}\n`)
      found.count++
      found.actions.set(entry.action, (found.actions.get(entry.action) ?? 0) + 1)
      times.first = Math.min(times.first, at.getTime())
      times.last = Math.max(times.last, at.getTime())
      onProgress(++done, total)
    }
    await write(found.count === 0 ? '(none)\n\n' : '\n')
    return found
  }
  try {
    await write(`Audit history of ${target}\nMade ${new Date(clock.now()).toISOString()}; newest first\n\n`)
    const by = await part('Actions by them:', { by: who }, (entry) => lineOf(entry))
    const on = await part(
      'Actions about them:',
      { about: who },
      (entry) => `${lineOf(entry)} | by ${shownActor(context, entry)}`,
    )
    const ends = done === 0 ? undefined : [new Date(times.first), new Date(times.last)]
    return { by, on, ends, sha256: hash.digest('hex') }
  } finally {
    file.end()
    await written
  }
}

const lineOf = ({ action, description, metadata }: AuditLog): string => {
  const { reason } = objectIn(metadata) ?? {}
  // A host's own events may have line breaks in it, with which a line would look like another entry.
  return `${action} | ${description} | ${typeof reason === 'string' ? plainLine(reason, 500) : 'N/A'}`
}

const mostFrequent = ({ texts }: CommandContext, { actions }: Part): string[] =>
  [...actions]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_SHOWN)
    .map(([action, count]) => texts.exported.historyCount(action, count))
