import { CLOCK_TIME } from '../kernel/own-time.ts'
import type { Dialect } from './dialect.ts'
import { Prisma } from './prisma.ts'

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  isPartitioned: false,
  isAmong: (column, values) => Prisma.sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`,
  rows: (columns) => {
    const length = columns[0]?.values.length ?? 0
    const rows = Array.from({ length }, (_, row) => columns.map(({ values }) => values[row]))
    return {
      from: Prisma.sql`jsonb_each(${JSON.stringify(rows)})`,
      key: Prisma.sql`key`,
      column: (index) => Prisma.raw(`value->>${index}`),
    }
  },
  slice: (bytes, from, length) => Prisma.sql`substr(${bytes}, ${from} + 1, ${length})`,
  isLike: (column, pattern) => Prisma.sql`${column} LIKE ${pattern} ESCAPE '\\'`,
  // A number would be bound as a real one.
  integer: (value) => Prisma.sql`${BigInt(value)}`,
  bigint: (value) => Prisma.sql`${BigInt(value)}`,
  hex: (column) => Prisma.sql`lower(hex(${column}))`,
  clockTime: (metadata) =>
    Prisma.sql`CASE WHEN json_valid(${metadata}) THEN json_extract(${metadata}, ${`$.${CLOCK_TIME}`}) END`,
  byteLength: (column) => Prisma.sql`CASE typeof(${column}) WHEN 'blob' THEN length(${column}) ELSE 0 END`,
  milliseconds: (time) => Prisma.sql`CAST(${time} AS INTEGER)`,
  withoutIndex: Prisma.sql`NOT INDEXED`,
  withIndex: (name) => Prisma.raw(`INDEXED BY ${name}`),
  isTime: (column) => Prisma.sql`typeof(${column}) = 'integer'`,
  hasWord: (column, text) =>
    Prisma.sql`('.' || ${column} || '.') GLOB ${`*[^0-9A-Za-z]${text.replace(/[[*?]/g, '[$&]')}[^0-9A-Za-z]*`}`,
  isAccount: (column) => Prisma.sql`(${column} GLOB '+[0-9]*' OR ${column} GLOB '[a-z]*:*')`,
  size: Prisma.sql`(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)`,
  removeEntries: (seqs) =>
    Prisma.sql`DELETE FROM audit_logs WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`,
}
