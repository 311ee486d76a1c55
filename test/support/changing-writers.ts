import { expect } from 'vitest'
import { OWNER, OWNER2 } from './chatwarden.ts'
import { child, startNode } from './child.ts'
import type { OwnTrail } from './own-trail.ts'

/** What processes were told became of what they asked for. */
export class Acknowledged {
  readonly stored: string[] = []
  readonly spooled: string[] = []
  /** Messages whose command was answered with the change, and those that failed. */
  readonly changed: string[] = []
  readonly failed: string[] = []
  readonly statuses: Record<string, number> = {}

  note(writer: string, lines: readonly string[]): void {
    for (const line of lines) {
      const [, n, result] = /^e (\d+) (stored|spooled|lost)$/.exec(line) ?? []
      expect(result, line).not.toBe('lost')
      if (result !== undefined) (result === 'stored' ? this.stored : this.spooled).push(`${writer}:${n}`)
      // The last line may be cut by the kill.
      const [, message = '', status, kind] = /^c (\S{36}) (\w[\w-]*) (person|owner)$/.exec(line) ?? []
      if (status === undefined) continue
      const key = `${kind} ${status}`
      this.statuses[key] = (this.statuses[key] ?? 0) + 1
      if (status === 'changed') this.changed.push(message)
      if (status === 'failed') this.failed.push(message)
    }
  }
}

export interface ChangingWriter {
  /** Resolves when it has said what became of something: before that it does nothing that could be lost. */
  readonly isWorking: Promise<unknown>
  /** Kills it as it stands. Fails if it had ended by itself. */
  kill(): Promise<void>
}

/** A process that logs, and changes roles as one of two owners, until it is killed. */
export function startChangingWriter(
  { env }: OwnTrail,
  name: string,
  isFirst: boolean,
  acknowledged: Acknowledged,
): ChangingWriter {
  const [owner, other] = isFirst ? [OWNER, OWNER2] : [OWNER2, OWNER]
  const running = startNode([child('log-and-change-roles.mjs'), name, owner, other], { env })
  const isWorking = new Promise((resolve) => running.process.stdout?.once('data', resolve))
  const ended = running.ended()
  return {
    isWorking,
    kill: async () => {
      const { exitCode, signalCode } = running.process
      running.process.kill('SIGKILL')
      const { lines, stderr } = await ended
      // First, since it says why the others are not as they should be.
      expect(stderr).toBe('')
      expect({ exitCode, signalCode }).toEqual({ exitCode: null, signalCode: null })
      acknowledged.note(name, lines)
    },
  }
}

interface Row {
  readonly seq: number
  readonly name: string | null
  readonly action: string
  readonly message: string | null
}

/** Fails where the trail is not what was acknowledged. @returns figures of it. */
export async function compare({ server, verify }: OwnTrail, acknowledged: Acknowledged, checkpoint?: string) {
  const rows = await server.ask<Row>(`
    SELECT seq, resource_id || ':' || (metadata::json ->> 'failureCount') AS name, action, request_id AS message
    FROM audit_logs ORDER BY seq`)
  expect(rows.findIndex(({ seq }, index) => seq !== index)).toBe(-1)
  const names = rows.flatMap(({ action, name }) => (action === 'CIRCUIT_BREAKER_OPEN' && name !== null ? [name] : []))
  const there = new Set(names)
  expect(names.filter((name, index) => names.indexOf(name) !== index && names.length < 5000)).toEqual([])
  expect(there.size).toBe(names.length)
  expect(acknowledged.stored.filter((name) => !there.has(name))).toEqual([])
  expect(acknowledged.spooled.filter((name) => !there.has(name))).toEqual([])
  const changes = rows.flatMap(({ action, message }) => (action === 'ROLE_CHANGE' && message ? [message] : []))
  const changed = new Set(changes)
  expect(changed.size).toBe(changes.length)
  expect(acknowledged.changed.filter((message) => !changed.has(message))).toEqual([])
  expect(acknowledged.failed.filter((message) => changed.has(message))).toEqual([])
  await verify()
  if (checkpoint !== undefined) await verify(checkpoint)
  const owners = await server.ask<{ account: string }>(
    "SELECT a.account FROM users u JOIN accounts a ON a.user_id = u.id WHERE u.role = 'OWNER'",
  )
  expect(owners.length).toBeGreaterThan(0)
  return {
    entries: rows.length,
    stored: acknowledged.stored.length,
    spooled: acknowledged.spooled.length,
    changed: acknowledged.changed.length,
    statuses: acknowledged.statuses,
  }
}
