import { z } from 'zod'
import { aboutFiltered, count, defineEvent, filters, line, person } from './event-type.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** A checkpoint: how many entries the trail had, and its root then, in base64. */
const treeHead = { size: count, root: z.base64() }
const ranges = z.array(z.tuple([count, count]))
/** What the database knows of an archive from then on. */
const archived = {
  archive: line,
  sha256,
  /** SHA-256 in hex of all that its row says but what may change while the file stays: see `digestOfArchive`. */
  row: sha256,
  /** Erasures before this seq have been carried out in it. */
  erasedThrough: count,
}

/** What leaves the trail as a file, and what comes back. */
export const EXPORT_EVENT_TYPES = {
  AUDIT_LOG_EXPORTED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({
      format: line,
      recordCount: count,
      filters: filters.optional(),
      file: line.optional(),
      /** Of the file as it was handed over. */
      sha256: sha256.optional(),
      /** How it was handed over, where not in the chat as one file: parts, link, directory. */
      by: line.optional(),
    }),
    describe: (m) => `Exported ${m.recordCount} audit logs as ${m.format.toUpperCase()}`,
    resource: (m) => aboutFiltered(m.filters),
  }),
  AUDIT_DATA_REQUEST: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ targetUser: line, recordCount: count }),
    shownToSubject: ['targetUser', 'recordCount'],
    describe: (m) => `Took out what there is about ${m.targetUser}: ${m.recordCount} audit logs`,
    resource: (m) => person(m.targetUser),
  }),
  SCHEDULED_EXPORT_FAILED: defineEvent({
    category: 'SECURITY',
    failure: 'open',
    metadata: z.strictObject({ day: line, reason: line }),
    describe: (m) => `The export of ${m.day} failed (${m.reason})`,
  }),
  AUDIT_ARCHIVED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ ...archived, firstSeq: count, lastSeq: count, entryCount: count }),
    describe: (m) => `Archived ${m.entryCount} audit logs in ${m.archive}`,
    resource: (m) => ({ type: 'archive', id: m.archive }),
  }),
  AUDIT_ARCHIVE_REWRITTEN: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({
      ...archived,
      /** How many entries the trail had when it was looked through. What was erased before and is still in it, a hold keeps. */
      lookedThrough: count,
      removedCount: count,
    }),
    describe: (m) => `Erased ${m.removedCount} audit logs from the archive ${m.archive}`,
    resource: (m) => ({ type: 'archive', id: m.archive }),
  }),
  AUDIT_ARCHIVES_SEARCHED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({
      /** In which nothing was left that erasures before `through` erased. */
      archives: z.array(line),
      /** In which a hold keeps all of it that is left. */
      keeping: z.array(line).optional(),
      /** How many entries the trail had. */
      through: count,
    }),
    ownersOnly: true,
    describe: (m) =>
      `Looked for what was erased in ${m.archives.length + (m.keeping?.length ?? 0)} archives: they stay as they are`,
  }),
  AUDIT_ARCHIVE_UPLOADED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ archive: line, sha256 }),
    describe: (m) => `Uploaded the archive ${m.archive}`,
    resource: (m) => ({ type: 'archive', id: m.archive }),
  }),
  AUDIT_ARCHIVE_REMOVED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ archive: line, entryCount: count, years: count }),
    describe: (m) => `Removed the archive ${m.archive} after ${m.years} years`,
    resource: (m) => ({ type: 'archive', id: m.archive }),
  }),
  AUDIT_RESTORED: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({
      archive: line,
      /** First and last seq of each run of entries that are back. */
      ranges,
      entryCount: count,
    }),
    describe: (m) => `Brought back ${m.entryCount} audit logs from the archive ${m.archive}`,
    resource: (m) => ({ type: 'archive', id: m.archive }),
  }),
  AUDIT_RELEASED: defineEvent({
    category: 'CONFIG',
    failure: 'closed',
    metadata: z.strictObject({ archive: line }),
    describe: (m) => `Released what was brought back from the archive ${m.archive}`,
    resource: (m) => ({ type: 'archive', id: m.archive }),
  }),
  AUDIT_IMPORTED: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ file: line, from: line, sha256, importedCount: count, skippedCount: count }),
    describe: (m) => `Imported ${m.importedCount} entries of ${m.from}`,
    resource: (m) => ({ type: 'import', id: m.from }),
  }),
  AUDIT_BACKUP_MADE: defineEvent({
    category: 'ADMIN',
    failure: 'closed',
    metadata: z.strictObject({ file: line, sha256, size: count }),
    describe: (m) => `Backed up the database of ${m.size} entries`,
  }),
  AUDIT_BACKUP_RESTORED: defineEvent({
    category: 'SECURITY',
    failure: 'closed',
    metadata: z.strictObject({
      file: line,
      sha256,
      ...treeHead,
      /** Longer checkpoints that were known, of how the trail may have gone on that the backup was made of. */
      longer: z.array(z.strictObject(treeHead)).optional(),
      /** How many requests waited for somebody's code when the backup was made: none of them can be confirmed any more. */
      endedRequests: count.optional(),
    }),
    describe: (m) =>
      `Restored the database from a backup of ${m.size} entries${m.longer === undefined ? '' : `; a checkpoint of ${m.longer.at(-1)?.size} was known`}`,
  }),
  AUDIT_MOVED: defineEvent({
    category: 'SECURITY',
    failure: 'closed',
    metadata: z.strictObject({ to: line, ...treeHead }),
    describe: (m) => `Moved the trail of ${m.size} entries to ${m.to}`,
  }),
} as const
