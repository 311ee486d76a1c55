import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Acknowledged, compare, startChangingWriter } from '../support/changing-writers.ts'
import { CLI, runNode } from '../support/child.ts'
import { type OwnTrail, ownTrail } from '../support/own-trail.ts'

const KILLS = Number(process.env.SOAK_ROUNDS ?? 200)
const STOPS = Math.ceil(KILLS / 20)
const STOP_EVERY = Math.floor(KILLS / STOPS)
const PROCESSES = 4

const atRandom = (count: number): number => Math.floor(Math.random() * count)

async function keepCheckpoint({ env, folder }: OwnTrail): Promise<string> {
  const { code, stdout, stderr } = await runNode([CLI, 'checkpoint'], { env, timeout: 120_000 })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const path = join(folder, 'kept-checkpoint')
  writeFileSync(path, stdout)
  return path
}

test(`four processes log and change roles, ${KILLS} kill -9 of one of them and ${STOPS} stops of the server: nothing acknowledged is lost or doubled`, async () => {
  const trail = await ownTrail()
  const acknowledged = new Acknowledged()
  let lives = 0
  const start = (index: number) => startChangingWriter(trail, `writer-${++lives}`, index % 2 === 0, acknowledged)
  const writers = Array.from({ length: PROCESSES }, (_, index) => start(index))
  await expect.poll(async () => (await entries(trail)) > 50, { timeout: 60_000 }).toBe(true)
  let checkpoint: string | undefined
  for (let round = 0; round < KILLS; round++) {
    await Promise.any(writers.map(({ isWorking }) => isWorking))
    await sleep(Math.random() * 800)
    if (round % STOP_EVERY === Math.min(5, STOP_EVERY - 1)) {
      await Promise.all(writers.map(({ isWorking }) => isWorking))
      await sleep(Math.random() * 1000)
      await (Math.random() < 0.8 ? trail.server.stopAtOnce() : trail.server.kill())
      await sleep(Math.random() * 3000)
      if (Math.random() < 0.5) await replace(writers, atRandom(PROCESSES), start)
      await trail.server.startAgain()
      await sleep(1500)
    }
    await replace(writers, atRandom(PROCESSES), start)
    if (round === Math.floor(KILLS / 2)) checkpoint = await keepCheckpoint(trail)
  }
  await sleep(5000)
  for (const writer of writers) await writer.kill()
  // None is left to write what they spooled: who opens next does.
  await trail.open()
  await expect.poll(() => trail.spooled(), { timeout: 60_000 }).toBe(0)
  console.log(`${KILLS} kills, ${STOPS} stops:`, await compare(trail, acknowledged, checkpoint))
  // A single stop may fall between two events.
  if (STOPS > 1) expect(acknowledged.spooled.length).toBeGreaterThan(0)
})

async function replace(
  writers: ReturnType<typeof startChangingWriter>[],
  index: number,
  start: (index: number) => ReturnType<typeof startChangingWriter>,
): Promise<void> {
  await writers[index]?.isWorking
  await writers[index]?.kill()
  writers[index] = start(index)
}

async function entries({ server }: OwnTrail): Promise<number> {
  const [row] = await server.ask<{ count: string }>('SELECT count(*) FROM audit_logs')
  return Number(row?.count)
}
