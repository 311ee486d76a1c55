import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Cell } from '../contract.ts'
import { copyPieces } from './copy-text.ts'

/** Adds rows to a table by COPY, all or none of them: ten times as fast as INSERT. */
export function copyInto(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  const names = columns.map((name) => `"${name}"`).join(', ')
  const stream = client.query(copyFrom(`COPY "${table}" (${names}) FROM STDIN`))
  // One piece ahead: making more of them before the first is sent would leave the server with nothing to do.
  return pipeline(Readable.from(copyPieces(rows), { highWaterMark: 1 }), stream)
}
