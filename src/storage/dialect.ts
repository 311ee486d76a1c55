import type { Prisma } from './prisma.ts'

/** A piece of SQL with its values. */
type Sql = Prisma.Sql

/** Rows that a statement brings with it: a table expression and what it calls its parts. */
interface GivenRows {
  readonly from: Sql
  /** The number of the row, from 0. */
  readonly key: Sql
  /** A column, by its place. */
  column(index: number): Sql
}

export interface Column {
  readonly type: 'integer' | 'text' | 'time'
  /** Times in milliseconds. */
  readonly values: readonly (string | number | null)[]
}

/** Where the SQL of the two databases differs. Everything else is written once. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql'
  /** Whether the trail is kept in parts by time, so that a question that says when it is about costs less. */
  readonly isPartitioned: boolean
  /** Whether `column` is one of a list, which may be long. */
  isAmong(column: Sql, values: readonly string[] | readonly number[]): Sql
  /** Rows in as few parameters as can be: bindings, not rows, are what costs. */
  rows(columns: readonly Column[]): GivenRows
  /** The part of `bytes` that begins at `from` (an expression, from 0) and is `length` (an expression) long. */
  slice(bytes: Uint8Array, from: Sql, length: Sql): Sql
  /** Whether `column` is like a pattern (`%`, `_`, escaped by `\`), small and capital letters of ASCII alike. */
  isLike(column: Sql, pattern: string): Sql
  /** A whole number to calculate with. */
  integer(value: number): Sql
  bigint(value: number): Sql
  /** Bytes as text in lower hex. */
  hex(column: Sql): Sql
  /** The `clockTime` in the metadata of an entry (see `ownTime`), as text; NULL where there is none, also in what is no JSON. */
  clockTime(metadata: Sql): Sql
  /** How many bytes there are; 0 for what is no bytes, where a column can hold anything. */
  byteLength(column: Sql): Sql
  /** A time as milliseconds; NULL for one without end. */
  milliseconds(time: Sql): Sql
  /** A hint that no index is to be taken, where the engine would take a wrong one. */
  readonly withoutIndex: Sql
  /** A hint to take that index. */
  withIndex(name: string): Sql
  /** Whether `column` is a time, where it can hold anything. */
  isTime(column: Sql): Sql
  /** Whether `column` has this text, and no letters or digits of ASCII before or after it. */
  hasWord(column: Sql, text: string): Sql
  /** Whether `column` begins as an account: with `+`, or a platform's word and a colon. */
  isAccount(column: Sql): Sql
  /** How many bytes the database takes. */
  readonly size: Sql
  /** Removes entries by `seq`, under the entry that covers them. */
  removeEntries(seqs: readonly number[]): Sql
}
