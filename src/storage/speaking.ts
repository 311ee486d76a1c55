import type { WriteTransaction } from './contract.ts'
import type { Dialect } from './dialect.ts'
import type { Prisma } from './prisma.ts'

/** A transaction that also says what SQL it understands. */
export const speaking = (tx: Prisma.TransactionClient, dialect: Dialect): WriteTransaction =>
  Object.create(tx, { dialect: { value: dialect } })
