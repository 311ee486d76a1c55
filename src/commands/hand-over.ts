import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { manifestOf } from '../audit/export/sidecar.ts'
import { HOUR, MINUTE } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import type { Attachment } from '../kernel/message.ts'
import type { CommandContext } from './command.ts'
import { removeOutgoing } from './outgoing.ts'
import { SHARED } from './shared-object.repository.ts'

/** How long a file that is too large for a chat can be fetched. */
const LINK_LIFETIME = 15 * MINUTE
/** How long an upload takes at most: until then nobody takes it for one that was left behind. */
const UPLOAD_TIME = 6 * HOUR

/** So many messages nobody wants to save one by one, and a platform may take the sender for a spammer. */
const MOST_PARTS = 20

/** A file on its way to the caller. */
export interface HandedOver {
  readonly name: string
  readonly by: 'chat' | 'link' | 'parts'
  readonly attachments: readonly Attachment[]
  /** What the caller has to know to get it. */
  readonly notes: readonly string[]
}

/** How large a file the caller's chat takes, in bytes. */
export const fileLimit = ({ maxFileBytes, caller }: CommandContext): number => maxFileBytes(caller.place.source)

/** An export as what the caller's chat can take, and its manifest. */
export async function handOver(context: CommandContext, path: string, mimeType: string): Promise<HandedOver> {
  // What is delivered is removed with its folder, so each has one of its own.
  const manifestPath = await context.outgoingFile(basename(manifestOf(path)))
  await rename(manifestOf(path), manifestPath)
  const parcel = await handOverAlone(context, path, mimeType)
  return { ...parcel, attachments: [...parcel.attachments, document(manifestPath, 'text/plain')] }
}

/**
 * A file without a manifest as what the chat can take: itself, else an address to fetch it from, else its parts.
 * @throws {ChatwardenError} `EXPORT_TOO_LARGE` where those would be too many.
 */
export async function handOverAlone(context: CommandContext, path: string, mimeType: string): Promise<HandedOver> {
  const name = basename(path)
  const { size } = await stat(path)
  if (size <= fileLimit(context)) return { name, by: 'chat', attachments: [document(path, mimeType)], notes: [] }
  const link = await share(context, path)
  if (typeof link === 'string') {
    await removeOutgoing(path)
    return { name, by: 'link', attachments: [], notes: [link] }
  }
  if (size > MOST_PARTS * fileLimit(context))
    throw new ChatwardenError('EXPORT_TOO_LARGE', `${name} has ${size} bytes, which is more than ${MOST_PARTS} parts.`)
  const parts = await split(context, path, size)
  const { texts } = context
  const failed = link === undefined ? [] : [texts.exported.linkFailed]
  return {
    name,
    by: 'parts',
    attachments: parts,
    notes: [...failed, texts.exported.parts(parts.length, name)],
  }
}

const document = (path: string, mimeType: string): Attachment => ({
  kind: 'document',
  name: basename(path),
  mimeType,
  path,
})

/** @returns the sentence with the address; `undefined` where there is no object store, `null` where it failed. */
async function share(
  { objects, sharedObjects, clock, texts, log }: CommandContext,
  path: string,
): Promise<string | undefined | null> {
  if (objects === undefined) return undefined
  const key = `${SHARED}${randomUUID()}/${basename(path)}`
  try {
    // Written down before it is there: what a crash leaves in the store is removed too.
    await sharedObjects.save(key, new Date(clock.now() + UPLOAD_TIME))
    await objects.put(key, path)
    await sharedObjects.save(key, new Date(clock.now() + LINK_LIFETIME))
    return texts.exported.link(await objects.link(key, LINK_LIFETIME / 1000), LINK_LIFETIME / MINUTE)
  } catch (err) {
    log.error({ err }, 'An export could not be stored to be fetched')
    return null
  }
}

/** Parts `name.001`, `name.002`, … in place of the file. */
async function split(context: CommandContext, path: string, size: number): Promise<Attachment[]> {
  const limit = fileLimit(context)
  const parts: Attachment[] = []
  for (let start = 0; start < size; start += limit) {
    const part = await context.outgoingFile(`${basename(path)}.${String(parts.length + 1).padStart(3, '0')}`)
    const end = Math.min(size, start + limit) - 1
    await pipeline(createReadStream(path, { start, end }), createWriteStream(part, { mode: 0o600 }))
    parts.push(document(part, 'application/octet-stream'))
  }
  await removeOutgoing(path)
  return parts
}
