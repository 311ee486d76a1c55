import { type Pool, types } from 'pg'
import { asUnavailable } from '../database-error.ts'
import type { Prisma } from '../prisma.ts'
import { plainTypes, sentAs } from './plain-types.ts'
import { twice } from './twice.ts'

/** Times as dates, as Prisma gives them; the rest as the driver is asked for it elsewhere. */
const readTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === types.builtins.BOOL) return types.getTypeParser(oid, format)
    const parse = plainTypes.getTypeParser(oid, format) as (text: string) => unknown
    return oid === types.builtins.TIMESTAMP ? (text: string) => new Date(parse(text) as number) : parse
  }) as typeof types.getTypeParser,
}

/**
 * `$queryRaw` on the driver alone: of a page of entries Prisma's share was most. Tried once more where the connection is
 * lost, as a restart of the server ends them all.
 */
export const rawReader =
  (pool: Pool) =>
  async (question: TemplateStringsArray | Prisma.Sql, ...given: unknown[]): Promise<unknown[]> => {
    const query = { ...sentAs(question, given), types: readTypes }
    try {
      return (await twice(() => pool.query(query))).rows
    } catch (error) {
      throw asUnavailable(error)
    }
  }
