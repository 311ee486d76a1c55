import { Prisma } from '../../storage/prisma.ts'
import { MAX_ENTRY_BYTES } from '../entry/draft.ts'
import { inSql, TEXTS } from './trail.repository.ts'

/** So much is shown of a text that nobody wrote here. */
const BEGINNING = 1000

/** The texts of an entry, but for its id. */
export const BOUNDED_TEXTS = TEXTS.filter((field) => field !== 'id')

/**
 * A text of a row by its field, or what it begins with and that it was cut: no entry that was written here is as long, and a page of such
 * as somebody else put there would not fit into memory. What is cut is never what was signed, as it says that it is cut.
 */
export function bounded(field: (typeof TEXTS)[number]): Prisma.Sql {
  const column = inSql(field)
  return Prisma.raw(
    `CASE WHEN octet_length(${column}) > ${MAX_ENTRY_BYTES} THEN substr(${column}, 1, ${BEGINNING}) || ' … (cut: longer than any entry)' ELSE ${column} END`,
  )
}
