import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { OWNER } from '../support/chatwarden.ts'
import { child, type Running, startNode } from '../support/child.ts'
import { ownTrail } from '../support/own-trail.ts'

const SLOTS = 12
const PROCESSES = 4
const ROUNDS = 15

interface Answer {
  readonly status: string
  readonly text: string
}

test(`four processes on a server with ${SLOTS} connections: each goes on with those that it has`, async () => {
  const trail = await ownTrail([`max_connections=${SLOTS}`, 'superuser_reserved_connections=0', 'max_wal_senders=0'])
  const all: Running[] = []
  // One after the other: each needs two connections to begin with.
  for (let n = 0; n < PROCESSES; n++) {
    const running = startNode([child('answer-lines.mjs')], { env: trail.env })
    expect(await running.line()).toBe('ready')
    all.push(running)
  }
  const answers: Answer[] = []
  const burst = async () => {
    const asked = all.map(async (running) => {
      for (let n = 0; n < 8; n++)
        running.send(JSON.stringify({ id: randomUUID(), sender: OWNER, text: '!config role list', isAtOnce: true }))
      for (let n = 0; n < 8; n++) answers.push(JSON.parse(await running.line()))
    })
    await Promise.all(asked)
  }
  for (let round = 0; round < ROUNDS; round++) await burst()
  const failed = answers.filter(({ status }) => status !== 'answered')
  console.log(`${answers.length} commands on ${SLOTS} connections: ${failed.length} refused`)
  expect(failed).toEqual([])
  for (const running of all) running.process.stdin?.end()
  for (const running of all) expect(await running.ended()).toMatchObject({ code: 0, stderr: '' })
  await trail.verify()
})
