import canonicalize from 'canonicalize'
import { readJson } from '../../kernel/json.ts'
import { type Hash, hashLeaf } from './hash.ts'

/** What of an entry is in its leaf, beside the nonce. */
export interface UnsaltedFields {
  readonly id: string
  readonly createdAt: Date
  readonly source: string
  readonly category: string
  readonly action: string
  readonly description: string
  readonly userId: string | null
  readonly account: string
  readonly actorName: string | null
  readonly userRole: string
  readonly resourceType: string | null
  readonly resourceId: string | null
  readonly subjectId: string | null
  readonly channelId: string | null
  readonly requestId: string | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
  /** The text as it is stored. */
  readonly metadata: string
}

export interface LeafFields extends UnsaltedFields {
  /** 16 random bytes, without which nobody can guess what an erased entry was. */
  readonly nonce: Uint8Array
}

/**
 * The record that the leaf of an entry hashes, version 1: RFC 8785 canonical JSON, what is null left out. Its names
 * stand here in their canonical order, so that the plain serialiser writes that: a fifth of the time of a library.
 */
export const leafRecord = (entry: LeafFields): string => record(entry, entry.nonce)

function record(entry: UnsaltedFields, nonce: Uint8Array): string {
  return JSON.stringify({
    account: entry.account,
    action: entry.action,
    actor_name: entry.actorName ?? undefined,
    category: entry.category,
    channel_id: entry.channelId ?? undefined,
    created_at: timestamp(entry.createdAt),
    description: entry.description,
    id: entry.id,
    ip_address: entry.ipAddress ?? undefined,
    metadata: entry.metadata,
    nonce: Buffer.from(nonce.buffer, nonce.byteOffset, nonce.byteLength).toString('hex'),
    request_id: entry.requestId ?? undefined,
    resource_id: entry.resourceId ?? undefined,
    resource_type: entry.resourceType ?? undefined,
    source: entry.source,
    subject_id: entry.subjectId ?? undefined,
    user_agent: entry.userAgent ?? undefined,
    user_id: entry.userId ?? undefined,
    user_role: entry.userRole,
    v: 1,
  })
}

/** Entries that are written together often have the same time. */
let last = { time: Number.NaN, text: '' }

function timestamp(date: Date): string {
  const time = date.getTime()
  if (time !== last.time) last = { time, text: date.toISOString() }
  return last.text
}

export const leafHash = (entry: LeafFields): Hash => hashLeaf(leafRecord(entry))

/** The same, where the nonce lies elsewhere: a copy of the entry with it would cost more than the hash. */
export const saltedLeafHash = (entry: UnsaltedFields, nonce: Uint8Array): Hash => hashLeaf(record(entry, nonce))

/**
 * The leaf of a record that somebody hands over as JSON, however it is spaced and ordered.
 * @throws {SyntaxError} for what is no JSON, or has more levels than any record; {RangeError} for a version that is not known, or what has no canonical form.
 */
export function leafHashOfJson(json: string): Hash {
  const read = readJson(json)
  if (read.problem !== undefined) throw new SyntaxError(`The record ${read.problem}.`)
  const record = read.value
  const version = (record as { v?: unknown } | null)?.v
  if (version !== 1) throw new RangeError(`Records of version ${JSON.stringify(version)} are not known.`)
  return hashLeaf(canonical(record))
}

function canonical(record: unknown): string {
  try {
    return canonicalize(record) as string
  } catch (cause) {
    throw new RangeError('The record has no canonical form.', { cause })
  }
}
