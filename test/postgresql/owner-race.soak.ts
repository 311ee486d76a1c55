import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Clock, DAY, systemClock } from '../../src/kernel/clock.ts'
import { OWNER, OWNER2 } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { codeIn } from '../support/confirming.ts'
import { ownTrail } from '../support/own-trail.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 200)
/** So many more, if the machine kept one of the two waiting each time. */
const MORE = 5

interface Lap {
  readonly status: string
  readonly began: number
  readonly ended: number
  /** What somebody else was told. */
  readonly note: string
}

test(`two owners step down in two processes at the same moment, ${ROUNDS} rounds: one owner is left each time`, async () => {
  const trail = await ownTrail()
  const owners: readonly string[] = [OWNER, OWNER2]
  const racers = owners.map(() => startNode([child('answer-lines.mjs')], { env: trail.env }))
  for (const racer of racers) expect(await racer.line()).toBe('ready')
  const send = (racer: number, sender: string, text: string) => {
    racers[racer]?.send(JSON.stringify({ id: randomUUID(), sender, text }))
    return racers[racer]?.line().then((line): Lap => JSON.parse(line)) as Promise<Lap>
  }
  let [close, ran] = [0, 0]
  const clock: Clock = { ...systemClock, monotonic: () => ran }
  for (let round = 1; round <= ROUNDS || (close === 0 && round <= ROUNDS + MORE); round++) {
    const to = round % 2 === 0 ? 'ADMIN' : 'USER'
    const asked = [
      await send(1, OWNER2, `!config role demote ${OWNER} ${to}`),
      await send(0, OWNER, `!config role demote ${OWNER2} ${to}`),
    ]
    const codes = asked.map(({ note }) => codeIn(note))
    const laps = await Promise.all([
      send(0, OWNER, `!config confirm ${codes[0]}`),
      send(1, OWNER2, `!config confirm ${codes[1]}`),
    ])
    expect(laps.map(({ status }) => status).sort(), `round ${round}`).toEqual(['answered', 'not-found'])
    const left = await trail.server.ask<{ phone: string }>(
      "SELECT a.account AS phone FROM users u JOIN accounts a ON a.user_id = u.id WHERE u.role = 'OWNER'",
    )
    expect(left, `round ${round}`).toHaveLength(1)
    if (Math.max(...laps.map(({ began }) => began)) < Math.min(...laps.map(({ ended }) => ended))) close++
    const winner = owners.indexOf(left[0]?.phone ?? OWNER)
    const again = await send(winner, owners[winner] ?? '', `!config role promote ${owners[1 - winner]} OWNER`)
    expect(again.status).toBe('answered')
    // A day of running later, by the process's own count of it: taken away by SQL it is what `verify` finds.
    const bot = await trail.open({ clock })
    ran += DAY
    await bot.close()
  }
  await trail.verify()
  console.log(`${ROUNDS} rounds; in ${close} of them both commands were under way at once`)
  expect(close).toBeGreaterThan(0)
})
