import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Run } from '../audit/entry/coverage.ts'
import type { Draft } from '../audit/entry/draft.ts'
import { Appender } from '../audit/write/appender.ts'
import type { SigningKey } from '../audit/write/signing-key.ts'
import type { Head } from '../audit/write/trail.repository.ts'
import { databaseLabel } from '../storage/beside-database.ts'
import type { Snapshot } from '../storage/contract.ts'
import { ARRIVING, type Move } from '../storage/moves.ts'
import { openClient } from '../storage/postgresql/client.ts'
import { copyRows } from '../storage/postgresql/copy-rows.ts'
import { refuseUnfit } from '../storage/postgresql/fitness.ts'
import { migratePostgres } from '../storage/postgresql/migrations.ts'
import { readMove } from '../storage/postgresql/moves.ts'
import { snapshotOn } from '../storage/postgresql/snapshot.ts'
import { sqlOn } from '../storage/postgresql/sql-transaction.ts'
import { StatementNames } from '../storage/postgresql/statement-names.ts'
import { type TableShape, tableShapes } from '../storage/postgresql/table-shapes.ts'
import { timeText } from '../storage/postgresql/time-text.ts'
import { asMoveError, MoveError } from './move-error.ts'

/** The server may need that long to notice that a run which was killed is gone. */
const PATIENCE_MS = 10_000

/** The database that a trail is moved to, on one connection. */
export class Destination {
  readonly label: string
  /** What this connection sees, also of what it has not committed yet. */
  readonly seen: Snapshot
  readonly #client: Client
  readonly #months = new Set<string>()

  private constructor(client: Client, label: string) {
    this.#client = client
    this.label = label
    this.seen = snapshotOn(async () => client)
  }

  /** Connects, and keeps other moves away from that database. */
  static async connect(url: string): Promise<Destination> {
    const label = databaseLabel(url)
    let client: Client | undefined
    try {
      client = await openClient(url, 'owner')
      await refuseUnfit(client, url, '--to: ')
      await client.query("SET lock_timeout = '30s'")
      await keepOthersAway(client, label)
      return new Destination(client, label)
    } catch (error) {
      await client?.end().catch(() => {})
      throw asMoveError(error, `--to: ${label}`)
    }
  }

  /** Whether it has the tables of a trail, of whichever version. */
  async hasTrail(): Promise<boolean> {
    const { rows } = await this.#client.query("SELECT to_regclass('public.audit_moves') IS NOT NULL AS there")
    return rows[0].there
  }

  move = (): Promise<Move | undefined> => readMove(this.#client)
  tables = (): Promise<TableShape[]> => tableShapes(this.#client)

  async migrate(): Promise<void> {
    await migratePostgres(this.#client)
  }

  /** From now on nobody writes to the trail here, and no bot starts on it. */
  async announce(origin: string): Promise<void> {
    await this.transaction(async () => {
      const { rowCount } = await this.#client.query(
        "SELECT 1 FROM audit_head WHERE id = 1 AND size = 0 AND checkpoint = '' FOR UPDATE",
      )
      if (rowCount === 0) throw new MoveError(`--to: a bot has just begun a trail in ${this.label}.`)
      await this.#client.query('INSERT INTO audit_moves (id, destination, moved_at) VALUES ($1, $2, $3)', [
        ARRIVING,
        origin,
        timeText(new Date()),
      ])
    })
  }

  /** The trail is whole: bots may start on it, once this transaction is committed. */
  async settle({ size, lastCreatedAt, checkpoint }: Head): Promise<void> {
    await this.#client.query('DELETE FROM audit_moves WHERE id = $1', [ARRIVING])
    await this.#client.query('UPDATE audit_head SET size = $1, last_created_at = $2, checkpoint = $3 WHERE id = 1', [
      size,
      timeText(lastCreatedAt),
      checkpoint,
    ])
  }

  /** Puts an entry at the end of the trail, once it has settled with that head. */
  async append(draft: Draft, key: SigningKey, head: Head): Promise<void> {
    const appending = await new Appender(key, false).begin(sqlOn(this.#client, new StatementNames(), head))
    await appending.append([draft])
    await appending.seal()
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.#client.query('BEGIN')
    try {
      const result = await work()
      await this.#client.query('COMMIT')
      return result
    } catch (error) {
      await this.#client.query('ROLLBACK').catch(() => {})
      throw error
    }
  }

  /** Adds rows, and the month of entries first. */
  async add(table: TableShape, rows: readonly (readonly unknown[])[]): Promise<void> {
    const at = table.name === 'audit_logs' ? table.columns.findIndex(({ name }) => name === 'created_at') : -1
    for (const row of at === -1 ? [] : rows) {
      const moment = timeText(new Date(Number(row[at])))
      if (this.#months.has(moment.slice(0, 7))) continue
      await this.#client.query('SELECT audit_prepare_month($1)', [moment])
      this.#months.add(moment.slice(0, 7))
    }
    await copyRows(this.#client, table, rows)
  }

  /** Removes entries that the source has removed since they were copied: here it needs no entry that says so. */
  async remove(runs: readonly Run[]): Promise<void> {
    await this.#client.query("SELECT set_config('chatwarden.removing', pg_current_xact_id()::text, true)")
    await this.#client.query(
      `DELETE FROM audit_logs USING unnest($1::integer[], $2::integer[]) AS run(first, last)
       WHERE seq BETWEEN run.first AND run.last`,
      [runs.map(([first]) => first), runs.map(([, last]) => last)],
    )
    await this.#client.query("SELECT set_config('chatwarden.removing', '', true)")
  }

  /** Lets the server know what it has, so that it finds it fast. */
  async analyze(): Promise<void> {
    await this.#client.query('ANALYZE audit_logs')
  }

  close = (): Promise<void> => this.#client.end().catch(() => {})
}

async function keepOthersAway(client: Client, label: string): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(200)) {
    const { rows } = await client.query("SELECT pg_try_advisory_lock(hashtext('chatwarden.move')) AS mine")
    if (rows[0].mine === true) return
    if (performance.now() > deadline) throw new MoveError(`--to: another move to ${label} is running.`)
  }
}
