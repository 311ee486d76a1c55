import { excessOf, MOST_LEVELS } from '../../kernel/json.ts'
import { internationalPhone } from '../../kernel/phone-spelling.ts'
import { trailAccount } from '../entry/audit-filter.ts'
import { canonicalJson } from '../entry/canonical.ts'
import { withoutTypes } from './dynamo-json.ts'
import { isObject, type JsonObject, readExactly } from './exact-json.ts'
import { NAMES, type Parts, partsOf } from './line-parts.ts'
import { parseSourceTime } from './source-time.ts'

/** Why something in a file is no entry, in words that go on from where it stands. */
export class BadLine extends Error {
  override readonly name = 'BadLine'
}

/** What is around an entry has levels of its own; in DynamoDB's JSON each level is two. */
const MOST_WRAPPED = 4 * MOST_LEVELS

/** An entry of another log, in its own words. */
export interface SourceEntry
  extends Pick<
    Parts,
    | 'id'
    | 'category'
    | 'subjectId'
    | 'description'
    | 'role'
    | 'channelId'
    | 'requestId'
    | 'ipAddress'
    | 'userAgent'
    | 'via'
  > {
  /** By which it is known again: its id there, or all that it says. */
  readonly identity: string
  readonly time: Date
  readonly action: string
  readonly account: string
  readonly userId: string | undefined
  readonly actorName: string | undefined
  readonly resource: { readonly type: string | undefined; readonly id: string | undefined }
  readonly details: JsonObject
  /** Its place there, where that is a trail of ours. */
  readonly seq: number | undefined
}

/** Reads an entry of any of the forms that are known. @throws {BadLine} */
export function sourceEntry(value: unknown): SourceEntry {
  if (!isObject(value)) throw new BadLine('it is no JSON object')
  const excess = excessOf(value, { levels: MOST_WRAPPED })
  // What is around an entry counts for nobody who reads of it.
  if (excess !== undefined) throw new BadLine(`it has ${excess.replace(`${MOST_WRAPPED}`, `${MOST_LEVELS}`)}`)
  const line = withoutTypes(value)
  const { parts, rest } = partsOf(line)
  const { sortKey, action, seq = '' } = parts
  const time = parseSourceTime(parts.time ?? sortKey?.replace(/#.*$/s, ''))
  if (time === undefined) throw new BadLine(`no time with its zone in ${NAMES.time.join(', ')}`)
  if (action === undefined) throw new BadLine(`no ${NAMES.action.join(' or ')}`)
  const id = parts.id ?? (sortKey === undefined ? undefined : `${parts.requestId ?? ''}/${sortKey}`)
  return {
    ...parts,
    ...actorOf(parts),
    identity: id ?? canonicalJson(line),
    id,
    time,
    action,
    resource: resourceOf(parts),
    details: detailsOf(rest),
    seq: /^\d{1,15}$/.test(seq) ? Number(seq) : undefined,
  }
}

/** An account if there is one, or else whatever names the actor. Digits alone are an id: many systems have such. */
function actorOf({ account, actorId, email, name }: Parts) {
  const idPhone = actorId?.startsWith('+') ? internationalPhone(actorId) : undefined
  const text = account === undefined ? (idPhone ?? actorId ?? email ?? name ?? 'UNKNOWN') : trailAccount(account)
  return {
    account: text.toLowerCase() === 'system' ? 'SYSTEM' : text,
    userId: account === undefined && idPhone !== undefined ? undefined : actorId,
    actorName: name ?? (email === text ? undefined : email),
  }
}

function resourceOf({ resourceType: type, resourceId: id, resourceAccount }: Parts): SourceEntry['resource'] {
  if (type === undefined && id === undefined && resourceAccount !== undefined)
    return { type: 'account', id: resourceAccount }
  return { type, id: type === 'user' && id !== undefined && /[+:@]/.test(id) ? trailAccount(id) : id }
}

/** What a line holds of details, and whatever else it says. Nothing is lost where both have the same name. */
function detailsOf(rest: ReadonlyMap<string, unknown>): JsonObject {
  const others = new Map(rest)
  // With these an entry can be proved in the trail that it is of, and nowhere else.
  if (others.delete('metadataText')) others.delete('nonce')
  let details: JsonObject = {}
  for (const name of ['metadata', 'details']) {
    const read = objectIn(others.get(name))
    if (read === undefined || Object.keys(details).length > 0) continue
    details = read
    others.delete(name)
  }
  const named = [...others].map(([name, value]) => [Object.hasOwn(details, name) ? `line.${name}` : name, value])
  return { ...details, ...Object.fromEntries(named) }
}

/** In a CSV, an object is its JSON. */
function objectIn(value: unknown): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string' || !value.startsWith('{')) return undefined
  // How deep it is, is said of the details that it becomes.
  const read = readExactly(value, { levels: Infinity })
  return read.problem === undefined && isObject(read.value) ? read.value : undefined
}
