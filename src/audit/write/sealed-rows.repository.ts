import type { WriteTransaction } from '../../storage/contract.ts'
import { SEALED_TABLES } from '../../storage/covers.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Signer, Verifier } from '../tree/note.ts'
import { isSealedBy, plain, type SealedRow, sealBy } from './row-seals.ts'

type Row = Readonly<Record<string, string | number | Date>> & { readonly seal: string }

/** Lets the next key sign what the old one has signed. What that had not signed stays as it was found, for `verify` to tell. */
export async function reseal(tx: WriteTransaction, old: Verifier, next: Signer): Promise<void> {
  for (const [table, columns] of SEALED_TABLES) {
    const rows = await tx.$queryRaw<
      Row[]
    >`SELECT ${Prisma.raw([...columns, 'seal'].join(', '))} FROM ${Prisma.raw(table)}`
    for (const { seal, ...row } of rows) {
      const sealed: SealedRow = [table, ...columns.map((column) => plain(row[column]))]
      if (!isSealedBy([old], sealed, seal)) continue
      const isIt = columns.map((column) => Prisma.sql`${Prisma.raw(column)} = ${row[column]}`)
      await tx.$executeRaw`
        UPDATE ${Prisma.raw(table)} SET seal = ${sealBy(next, sealed)} WHERE ${Prisma.join(isIt, ' AND ')}`
    }
  }
}

/** Takes away what a lost key has signed: nobody can tell any more who wrote it. */
export async function forgetSealed(tx: WriteTransaction): Promise<void> {
  for (const table of SEALED_TABLES.keys()) await tx.$executeRaw`DELETE FROM ${Prisma.raw(table)}`
}
