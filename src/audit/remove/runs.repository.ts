import type { Reader } from '../../storage/contract.ts'
import { mergeRuns, type Run, runsOf, subtractRuns } from '../entry/coverage.ts'

/** Runs as rows to be joined. */
export function runRows({ dialect }: Pick<Reader, 'dialect'>, runs: readonly Run[]) {
  const rows = dialect.rows([
    { type: 'integer', values: runs.map(([first]) => first) },
    { type: 'integer', values: runs.map(([, last]) => last) },
  ])
  return { from: rows.from, first: rows.column(0), last: rows.column(1) }
}

type Raw = Pick<Reader, '$queryRaw' | 'dialect'>

/** Which of these entries are in the database. */
async function presentIn(db: Raw, runs: readonly Run[]): Promise<Run[]> {
  const { from, first, last } = runRows(db, runs)
  const rows = await db.$queryRaw<{ seq: number | bigint }[]>`
    SELECT e.seq AS seq FROM ${from} JOIN audit_logs e ON e.seq BETWEEN ${first} AND ${last}`
  return runsOf(rows.map(({ seq }) => Number(seq)))
}

/** What of `runs` is not in the database. */
export async function absentOf(db: Raw, runs: readonly Run[]): Promise<Run[]> {
  return subtractRuns(mergeRuns(runs), await presentIn(db, runs))
}
