import type { Pool, QueryConfig } from 'pg'
import { PatientPool } from './patient-pool.ts'
import { StatementNames } from './statement-names.ts'

/** A pool whose connections keep prepared what is asked again. Prisma's adapter names nothing outside of transactions. */
export class PreparingPool extends PatientPool {
  readonly #names = new StatementNames()

  override query: Pool['query'] = ((query: QueryConfig) => {
    // Without values there may be several statements in one text.
    const isNamed = (query.values?.length ?? 0) > 0
    return super.query(isNamed ? { ...query, name: this.#names.nameOf(query.text) } : query)
  }) as never
}
