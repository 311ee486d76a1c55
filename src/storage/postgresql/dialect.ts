import { CLOCK_TIME } from '../../kernel/own-time.ts'
import type { Column, Dialect } from '../dialect.ts'
import { Prisma } from '../prisma.ts'
import { timeText } from './time-text.ts'

const TYPES = { integer: 'integer[]', text: 'text[]', time: 'timestamp[]' } as const

export const postgresDialect: Dialect = {
  name: 'postgresql',
  isPartitioned: true,
  isAmong: (column, values) => Prisma.sql`${column} = ANY (${[...values]})`,
  rows: (columns) => {
    const arrays = columns.map((column) => Prisma.sql`${given(column)}::${Prisma.raw(TYPES[column.type])}`)
    const names = columns.map((_, index) => `c${index}`).join(', ')
    return {
      from: Prisma.sql`unnest(${Prisma.join(arrays)}) WITH ORDINALITY AS given(${Prisma.raw(names)}, n)`,
      key: Prisma.sql`(n - 1)::integer`,
      column: (index) => Prisma.raw(`c${index}`),
    }
  },
  slice: (bytes, from, length) => Prisma.sql`substr(${bytes}::bytea, ${from} + 1, ${length})`,
  // In the C locale the letters of ASCII alone have two forms, as for SQLite.
  isLike: (column, pattern) => Prisma.sql`${column} COLLATE "C" ILIKE ${pattern} ESCAPE '\\'`,
  integer: (value) => Prisma.sql`${value}::integer`,
  bigint: (value) => Prisma.sql`${value}::bigint`,
  hex: (column) => Prisma.sql`encode(${column}, 'hex')`,
  // The key stands nowhere else: in a text its quotes would be escaped, and no event may have such a field.
  clockTime: (metadata) => Prisma.sql`substring(${metadata} from ${`"${CLOCK_TIME}":"([0-9TZ:.+-]*)"`})`,
  byteLength: (column) => Prisma.sql`octet_length(${column})`,
  // Only who owns the tables gets a time without end in: that is for `verify` to find, and keeps nobody from reading.
  milliseconds: (time) => Prisma.sql`CASE WHEN isfinite(${time}) THEN (extract(epoch FROM ${time}) * 1000)::bigint END`,
  withoutIndex: Prisma.empty,
  withIndex: () => Prisma.empty,
  isTime: (column) => Prisma.sql`isfinite(${column})`,
  hasWord: (column, text) =>
    Prisma.sql`('.' || ${column} || '.') ~ ${`[^0-9A-Za-z]${text.replace(/[^\w]/gu, '\\$&')}[^0-9A-Za-z]`}`,
  isAccount: (column) => Prisma.sql`${column} ~ '^([+][0-9]|[a-z][a-z0-9-]*:)'`,
  size: Prisma.sql`pg_database_size(current_database())`,
  // The application's role may not delete: the function looks whether it may be done.
  removeEntries: (seqs) => Prisma.sql`SELECT audit_remove(${[...seqs]}::integer[])`,
}

const given = ({ type, values }: Column): readonly unknown[] =>
  type === 'time' ? values.map((value) => (value === null ? null : timeText(new Date(value)))) : values
