import { z } from 'zod'
import { readJson } from '../../kernel/json.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { FileError } from './file-error.ts'

const text = z.string()
const maybe = z.string().nullable()

const LINE = z.object({
  seq: z.int().min(0),
  id: text,
  createdAt: z.iso.datetime().transform((time) => new Date(time)),
  source: text,
  category: text,
  action: text,
  description: text,
  userId: maybe,
  account: text,
  actorName: maybe,
  userRole: text,
  resourceType: maybe,
  resourceId: maybe,
  subjectId: maybe,
  channelId: maybe,
  requestId: maybe,
  ipAddress: maybe,
  userAgent: maybe,
  metadataText: text,
  nonce: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .transform((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
})

/** The entry in a line of a JSONL export. @throws {FileError} for what is none. */
export function entryOfLine(line: string): ProvableEntry {
  const read = LINE.safeParse(parsed(line))
  if (!read.success) throw new FileError(`A line is no entry: ${read.error.issues[0]?.path.join('.')}.`)
  const { metadataText: metadata, ...entry } = read.data
  return { ...entry, metadata } as ProvableEntry
}

function parsed(line: string): unknown {
  const read = readJson(line)
  if (read.problem !== undefined) throw new FileError(`A line ${read.problem}.`)
  return read.value
}
