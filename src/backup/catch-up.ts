import { type Actor, auditEvent } from '../audit/entry/entry.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { passOverDays } from '../audit/export/exported-day.repository.ts'
import type { Erasure } from '../audit/remove/erasure.ts'
import { readJournal } from '../audit/remove/erasure-journal.ts'
import { type Checkpoint, treeHead } from '../audit/tree/checkpoint.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { SigningKey } from '../audit/write/signing-key.ts'
import { tendSchema } from '../audit/write/tend-schema.ts'
import { systemClock } from '../kernel/clock.ts'
import { databasePath, erasureJournal, isPostgres, type TrailPlace } from '../storage/beside-database.ts'
import { makeOneFile } from '../storage/copy-database.ts'
import { openDatabase } from '../storage/database.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { BackupError } from './backup-error.ts'
import type { TrailEnd } from './check-file.ts'
import { emptyRestored } from './emptied.repository.ts'
import { erasuresIn } from './erasure-sources.repository.ts'
import { knownPeople } from './known-people.repository.ts'
import { type LaterErasure, laterErasures } from './later-erasures.ts'
import { type Reapplied, reapply } from './reapply-erasures.ts'

export interface CatchingUp {
  /** Files with erasures besides the journal in place. */
  readonly erasures: readonly string[]
  /** The key of secret settings in place, by which the erased are known; `undefined`: there is none. */
  readonly settingsKey: string | undefined
  readonly erasureWith: (settingsKey: string) => Erasure
  readonly actor: Actor
}

export interface CaughtUp {
  readonly erasures: Reapplied
  /** How many requests waited for somebody's code, and do no more. */
  readonly endedRequests: number
}

interface Todo {
  readonly later: readonly LaterErasure[]
  /** What finds out whom they are about; `undefined` where there are none. */
  readonly erasure: Erasure | undefined
}

/**
 * The erasures since the backup. `copiedKey`: a key of secret settings that lay beside it.
 * @throws {BackupError} if there are some and nobody can tell here whom they are about.
 */
export async function erasuresToCarryOut(
  { erasures, settingsKey, erasureWith }: CatchingUp,
  place: TrailPlace,
  end: TrailEnd,
  copiedKey: string | undefined,
): Promise<Todo> {
  const journal = erasureJournal(place)
  const known = readJournal(journal)
  for (const path of erasures) known.push(...(await erasuresIn(path)))
  const later = laterErasures(known, end)
  if (later.length === 0) return { later, erasure: undefined }
  const key = settingsKey ?? copiedKey
  const told = `${later.length} ${later.length === 1 ? 'person was' : 'people were'} erased after the backup was made`
  const advice = `They are known by hashes with the key of secret settings alone (SETTINGS_KEY, or the file settings.key of DATA_DIR). Put it back. If it is lost for good, move ${journal} away and go without --erasures: they must ask for it again then.`
  if (key === undefined) throw new BackupError(`${told}, and there is no key to tell whom. ${advice}`)
  const erasure = erasureWith(key)
  const isOther = ({ keyHash }: LaterErasure) => keyHash !== undefined && keyHash !== erasure.hashOf('')
  if (later.some(isOther)) throw new BackupError(`${told}, and the key here is not the one of that time. ${advice}`)
  return { later, erasure }
}

export interface Restoration {
  readonly file: string
  readonly sha256: string
  /** Where the trail in it ends. */
  readonly end: TrailEnd
  /** Checkpoints of how it may have gone on, by their size. */
  readonly longer: readonly Checkpoint[]
}

/** So many are named in the entry, which has an end: the longest. */
const MOST_LONGER = 500

/**
 * Goes on from a copy that nobody else uses: the first entry says that the trail leaves another one there. Then it carries out
 * what came after the backup.
 */
export async function catchUp(
  url: string,
  key: SigningKey,
  { actor }: CatchingUp,
  { later, erasure }: Todo,
  restoration: Restoration,
): Promise<CaughtUp> {
  const database = await openDatabase(url)
  let result: Reapplied = { done: 0, pending: [] }
  let ended: number
  try {
    // What was removed is taken out of the file once, at the end.
    const writer = new AuditWriter({ ...database, purge: async () => true }, EVENT_TYPES, systemClock, key)
    ended = await writer.transaction((tx) => begin(tx, actor, restoration))
    await tendSchema(database, writer, actor, { source: 'cli' })
    if (erasure !== undefined)
      result = await reapply(later, await withSnapshot(url, knownPeople), { erasure, writer, actor })
    await writer.flush()
  } finally {
    await database.close()
  }
  if (!isPostgres(url)) makeOneFile(databasePath(url), { isRewritten: result.done > 0 })
  return { erasures: result, endedRequests: ended }
}

/** @returns how many requests waited for somebody's code. */
async function begin(tx: AuditTransaction, actor: Actor, { end, longer, ...file }: Restoration): Promise<number> {
  const now = systemClock.now()
  const endedRequests = await emptyRestored(tx.db, now)
  await passOverDays(tx.db, now)
  const metadata = {
    ...file,
    ...treeHead(end),
    ...(longer.length > 0 && { longer: longer.slice(-MOST_LONGER).map(treeHead) }),
    ...(endedRequests > 0 && { endedRequests }),
  }
  await tx.append(auditEvent('AUDIT_BACKUP_RESTORED', actor, { source: 'cli' }, metadata))
  return endedRequests
}
