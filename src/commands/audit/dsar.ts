import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { auditEvent } from '../../audit/entry/entry.ts'
import { inFileName } from '../../kernel/account.ts'
import { findUser } from '../../roles/stored-user.repository.ts'
import { person } from '../arguments/person.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { fileLimit, type HandedOver, handOverAlone } from '../hand-over.ts'
import { removeOutgoing } from '../outgoing.ts'
import { minutely } from './minutely.ts'

const MIME_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  html: 'text/html',
  gz: 'application/gzip',
}

export const dataRequest = defineCommand({
  words: ['audit', 'dsar'],
  role: 'OWNER',
  summary:
    'What the bot has about one person, to hand to them, as a page and as JSON. Left out: who looked, inquiries, what others typed, network addresses and other people’s numbers.',
  examples: ['audit dsar +1234567890'],
  sensitive: true,
  arguments: { target: person },
  attemptedAction: () => 'EXPORT_PERSONAL_DATA',
  denial: (texts) => texts.denied.exportAudit,
  run: async (context, { target }) => {
    const { texts } = context
    const answered = await collect(context, target)
    if (answered === undefined) return async () => ({ kind: 'not-found', text: texts.dataRequest.nothing(target) })
    const { paths, recordCount } = answered
    const parcels: HandedOver[] = []
    for (const path of paths) {
      const fitting = await compressedIfLarge(context, path)
      parcels.push(await handOverAlone(context, fitting, MIME_TYPES[fitting.split('.').at(-1) ?? ''] ?? ''))
    }
    const isCompressed = parcels.some(({ name }) => name.endsWith('.gz'))
    const text = [
      texts.dataRequest.done(target, recordCount),
      ...(isCompressed ? [texts.dataRequest.compressed] : []),
      ...parcels.flatMap(({ notes }) => notes),
    ].join('\n')
    return async (tx, { actor, place }) => {
      const subject = await findUser(tx.db, target)
      await tx.append(auditEvent('AUDIT_DATA_REQUEST', actor, place, { targetUser: target, recordCount }, subject?.id))
      return { kind: 'answered', text, attachments: parcels.flatMap(({ attachments }) => attachments) }
    }
  },
})

function collect(context: CommandContext, target: string) {
  const { dataRequests, clock, texts, time, settings, own, caller } = context
  const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '')
  const request = {
    account: target,
    by: { role: caller.role, account: caller.actor.account },
    timeZone: settings.get(own.timeZone),
    time,
    notes: texts.dataRequest.notes(settings.get(own.retentionDays)),
    words: texts.dataRequest.page,
    file: (extension: string) => context.outgoingFile(`data-request-${inFileName(target)}-${day}.${extension}`),
  }
  return dataRequests.answer(request, minutely(context, texts.dataRequest.going))
}

/** @returns the path, or that of what is in its place where it is more than the chat takes. */
async function compressedIfLarge(context: CommandContext, path: string): Promise<string> {
  if ((await stat(path)).size <= fileLimit(context)) return path
  const compressed = await context.outgoingFile(`${basename(path)}.gz`)
  await pipeline(createReadStream(path), createGzip(), createWriteStream(compressed, { mode: 0o600, flags: 'wx' }))
  await removeOutgoing(path)
  return compressed
}
