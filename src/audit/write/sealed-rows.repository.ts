import type { WriteTransaction } from '../../storage/contract.ts'
import { SEALED_TABLES } from '../../storage/covers.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Signer, Verifier } from '../tree/note.ts'
import { isSealedBy, sealBy } from './row-seals.ts'

type Row = Readonly<Record<string, string | number | Date>> & { readonly seal: string }

/** Lets the next key sign what the old one has signed. What nobody can tell of who wrote it goes: all, where the old one is lost. */
export async function reseal(tx: WriteTransaction, old: Verifier | undefined, next: Signer): Promise<void> {
  for (const [table, columns] of SEALED_TABLES) {
    const name = Prisma.raw(table)
    const rows = await tx.$queryRaw<Row[]>`SELECT ${Prisma.raw(columns.join(', '))}, seal FROM ${name}`
    for (const { seal, ...row } of rows) {
      const values = columns.map((column) => plain(row[column]))
      if (old !== undefined && isSealedBy([old], [table, ...values], seal))
        await tx.$executeRaw`UPDATE ${name} SET seal = ${sealBy(next, [table, ...values])} WHERE seal = ${seal}`
      else await tx.$executeRaw`DELETE FROM ${name} WHERE seal = ${seal}`
    }
  }
}

const plain = (value: string | number | Date | undefined): string | number =>
  value instanceof Date ? value.getTime() : (value ?? '')
