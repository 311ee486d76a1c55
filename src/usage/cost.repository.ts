import { numbersIn } from '../kernel/json.ts'
import type { WriteTransaction } from '../storage/contract.ts'

/** What was spent in a period, and the thresholds that were told of. */
export interface CostTotal {
  readonly amount: number
  readonly told: readonly number[]
}

/** Adds to what was spent in a period. @returns the total, with what was added. */
export async function addCost(tx: WriteTransaction, period: string, amount: number): Promise<CostTotal> {
  const row = await tx.costTotal.upsert({
    where: { period },
    create: { period, amount, told: '[]' },
    update: { amount: { increment: amount } },
  })
  return { amount: row.amount, told: numbersIn(row.told) }
}

export async function markTold(tx: WriteTransaction, period: string, told: readonly number[]): Promise<void> {
  await tx.costTotal.update({ where: { period }, data: { told: JSON.stringify(told) } })
}

/** Periods whose name is before `name`; both kinds are named by their date. */
export async function forgetCosts(tx: WriteTransaction, day: string): Promise<void> {
  await tx.costTotal.deleteMany({ where: { period: { startsWith: 'day:', lt: `day:${day}` } } })
  await tx.costTotal.deleteMany({ where: { period: { startsWith: 'month:', lt: `month:${day.slice(0, 7)}` } } })
}
