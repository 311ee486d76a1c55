import type { Snapshot } from './contract.ts'

/** Whether an entry doubts the clock, and none has ended that: an expression in SQL. */
export const CLOCK_IN_DOUBT = `coalesce((SELECT max(seq) FROM audit_logs WHERE action = 'CLOCK_DOUBTED'), -1)
  > coalesce((SELECT max(seq) FROM audit_logs WHERE action = 'CLOCK_TRUSTED'), -1)`

export async function isClockInDoubt(snapshot: Snapshot): Promise<boolean> {
  const [[value] = []] = await snapshot.read<unknown[]>(`SELECT ${CLOCK_IN_DOUBT}`)
  // One database has no truth values.
  return Number(value) === 1
}
