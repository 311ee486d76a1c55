import { types } from 'pg'
import { Prisma } from '../prisma.ts'
import { storableText } from './storable-text.ts'
import { timeText } from './time-text.ts'

const { builtins } = types
/** Times as milliseconds, counts as numbers, and 0 or 1: what the driver of SQLite gives, too. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.TIMESTAMP, (text) => Date.parse(`${text.replace(' ', 'T')}Z`)],
  [builtins.INT8, Number],
  [builtins.NUMERIC, Number],
  [builtins.BOOL, (text) => (text === 't' ? 1 : 0)],
])

/** How the driver reads values where Prisma does not. */
export const plainTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

/** A question as it is asked of Prisma's `$queryRaw`, as the driver is to send it. */
export function sentAs(question: TemplateStringsArray | Prisma.Sql, given: readonly unknown[]) {
  const { text, values } = 'text' in question ? question : Prisma.sql(question, ...given)
  return { text, values: values.map(bound) }
}

/** A value as the driver is to send it. */
export const bound = (value: unknown): unknown => {
  if (value instanceof Date) return timeText(value)
  return typeof value === 'bigint' ? value.toString() : storableText(value)
}
