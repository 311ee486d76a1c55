import { expect } from 'vitest'
import { ALICE, type Harness, LONG } from './whatsapp-connection.ts'

const CHAT = `${ALICE}@c.us`

/** Whatever the fault did: ready again, and each message came exactly once, also the one sent after it. */
export async function recovers(running: Harness, readies = 1): Promise<void> {
  await running.ready(readies)
  await running.connection.up()
  await running.standIn.listening()
  if (readies > 0) await running.logs(/"WhatsApp: connected"/)
  await running.receive('after')
  await running.standIn.delivered()
  expect(running.texts).toEqual([...new Set(running.texts)])
  expect(running.texts).toEqual(expect.arrayContaining(['before', 'after']))
}

export const log = (running: Harness) => running.logged.join('')

export const send = ({ connection }: Harness, text: string, deadline = LONG) =>
  connection.call('sendMessage', deadline, (client) => client.sendMessage(CHAT, text, { sendSeen: false }))
