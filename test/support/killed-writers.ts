import { expect } from 'vitest'
import { replaysOf } from '../../src/app/replays.ts'
import { verify } from '../../src/audit/verify/verify.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import { child, type Running, startNode } from './child.ts'
import { environmentOf, openRaw, type RawDatabase, testDatabase } from './database.ts'
import { keyOf } from './writer.ts'

/** What a process said became of its events, by their names in the trail. */
export type Acknowledged = ReadonlyMap<string, 'stored' | 'spooled'>

export interface Writer {
  /** Kills it as it stands. @returns what it had acknowledged. */
  kill(): Promise<Acknowledged>
}

/** The environment of a process that works on the database in `folder`. */
export const envOf = (folder: string) => environmentOf(testDatabase(folder).path)

/** A process that logs as `name` until it is killed. */
export function startWriter(folder: string, name: string): Writer {
  const running = startNode([child('log-until-killed.mjs'), name], { env: envOf(folder) })
  const ended = running.ended()
  return {
    kill: async () => {
      running.process.kill('SIGKILL')
      return acknowledgedBy(name, await ended)
    },
  }
}

function acknowledgedBy(name: string, { lines, stderr }: Awaited<ReturnType<Running['ended']>>): Acknowledged {
  expect(stderr).not.toMatch(/Unhandled|Uncaught|at file:/)
  const words = lines.map((line) => /^(\d+) (stored|spooled|lost)$/.exec(line) ?? [])
  expect(words.filter(([, , result]) => result === 'lost')).toEqual([])
  // The last line may be cut by the kill.
  return new Map(
    words.flatMap(([, n, result]) =>
      n === undefined ? [] : [[`${name}:${n}`, result as 'stored' | 'spooled'] as const],
    ),
  )
}

/** The trail in `folder`, read as it grows. */
export class GrowingTrail {
  readonly #database: RawDatabase
  readonly #names = new Set<string>()
  #size = 0

  constructor(folder: string) {
    this.#database = openRaw(testDatabase(folder).path, { timeout: 10_000 })
  }

  /** Those of `names` that are not in the trail. Fails if what has come since has a gap, or an event twice. */
  missing(names: Iterable<string>): readonly string[] {
    const rows = this.#database
      .prepare<[number], { seq: number; name: string | null }>(
        `SELECT seq, metadata ->> '$.service' || ':' || (metadata ->> '$.failureCount') AS name FROM audit_logs
         WHERE seq >= ? ORDER BY seq`,
      )
      .all(this.#size)
    for (const { seq, name } of rows) {
      if (seq !== this.#size++) throw new Error(`Entry ${this.#size - 1} is missing.`)
      if (name === null) continue
      if (this.#names.has(name)) throw new Error(`${name} is in the trail twice.`)
      this.#names.add(name)
    }
    return [...names].filter((name) => !this.#names.has(name))
  }

  /** Makes the database refuse all entries, as a full disk would, or take them again. */
  refuse(refuses: boolean): void {
    this.#database.exec(
      refuses
        ? "CREATE TRIGGER IF NOT EXISTS refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        : 'DROP TRIGGER IF EXISTS refuse',
    )
  }

  close(): void {
    this.#database.close()
  }
}

/** What must hold for a trail at any time, whoever was killed: no gap, no id twice, and the tree is that of the rows. */
export async function checkTrail(folder: string): Promise<void> {
  const { path, url } = testDatabase(folder)
  const snapshot = await openSnapshot(url)
  try {
    const [row] = await snapshot.read<[number, number, number, number]>(
      `SELECT count(*), max(seq) + 1, count(DISTINCT id), (SELECT size FROM audit_head) FROM audit_logs`,
    )
    const size = row?.[0]
    expect(row).toEqual([size, size, size, size])
    const keys = [keyOf(path).current().verifier]
    const { present, findings } = await verify(snapshot, { keys, replays: replaysOf(), now: new Date() })
    expect({ present, findings }).toEqual({ present: size, findings: [] })
  } finally {
    await snapshot.close()
  }
}
