import type { WriteTransaction } from '../../storage/contract.ts'
import { SEALED_TABLES } from '../../storage/covers.ts'
import { Prisma } from '../../storage/prisma.ts'

/** Takes away what a key has signed that is lost: nobody can tell any more who wrote it. */
export async function forgetSealed(tx: WriteTransaction): Promise<void> {
  for (const table of SEALED_TABLES) await tx.$executeRaw`DELETE FROM ${Prisma.raw(table)}`
}
