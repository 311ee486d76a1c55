import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { LinkDown } from '../../../src/chat/whatsapp/link.ts'
import {
  ALICE,
  connected,
  type Harness,
  harness,
  LONG,
  onlyOwnRejectionHandlers,
  shared,
} from '../../support/whatsapp-connection.ts'
import { log, recovers, send } from '../../support/whatsapp-recovery.ts'

vi.setConfig({ testTimeout: 3 * LONG, hookTimeout: 3 * LONG })

// A rejection that nobody handles must end this process, as it would end the bot's.
beforeEach(onlyOwnRejectionHandlers)

describe('the connection comes back', () => {
  const connection = shared({ timings: { start: 10_000, offline: 1000 } })
  let running: Harness

  beforeEach(async () => {
    running = connection()
    await running.receive('before')
  })

  test('when the page hangs, and what was written meanwhile arrives', async () => {
    await running.standIn.faults.hang()
    running.standIn.receive({ from: ALICE, text: 'meanwhile' })
    await recovers(running)
    await running.arrived('meanwhile')
    expect(log(running)).toContain('"why":"the page does not answer: getState: no answer')
  })

  test('when ready is missed', async () => {
    running.standIn.faults.missedReady()
    await running.standIn.faults.killBrowser()
    await recovers(running)
    expect(log(running)).toContain('"why":"not ready, though its state is CONNECTED"')
  })

  test('when ready is missed after a reload', async () => {
    running.standIn.faults.missedReady()
    await running.standIn.faults.reload()
    await recovers(running)
    expect(log(running)).toContain('"why":"not ready, though its state is CONNECTED"')
  })

  test('when ready was false, and the messages that nobody announced are handed over', async () => {
    running.standIn.faults.falseReady()
    await running.standIn.faults.killBrowser()
    // What came before that may have come before the library listened, which would prove nothing.
    await running.logs(/"WhatsApp: connected"/)
    await running.standIn.listening()
    for (const text of ['unheard', 'unheard too']) running.standIn.receive({ from: ALICE, text })
    await recovers(running, 2)
    await running.arrived('unheard')
    await running.arrived('unheard too')
    expect(log(running)).toContain('"why":"messages arrive but are not announced"')
  })

  test('when the page stays without its own connection', async () => {
    await running.standIn.faults.changeState('TIMEOUT')
    await recovers(running)
    expect(log(running)).toContain('"why":"state TIMEOUT for too long"')
  })

  test('and looks at the memory of its browser', async () => {
    await running.logs(process.platform === 'linux' ? /"megabytes":[1-9][0-9]{2}/ : /"megabytes"/)
  })
})

describe('without a connection', () => {
  test('a call is refused at once', async () => {
    const running = await harness()
    await expect(send(running, 'too early')).rejects.toThrow(LinkDown)
  })

  test('a wait for one ends when its signal says so', async () => {
    const { connection } = await harness()
    const given = new AbortController()
    const waiting = expect(connection.up(given.signal)).rejects.toThrow('no patience')
    given.abort(new Error('no patience'))
    await waiting
  })
})

describe('stopping', () => {
  test('leaves no browser and no lock, and the next start needs no repair', async () => {
    const running = await connected()
    await running.connection.stop()
    await running.connection.stop()
    await running.connection.ended
    expect(running.browsers()).toEqual([])
    expect(existsSync(join(running.options.sessionDirectory, 'chatwarden.lock'))).toBe(false)
    const timings = { probeDeadline: 10_000 }
    const next = await harness({ standIn: running.standIn, options: running.options, timings })
    await next.connection.start()
    await next.ready(1)
    await next.shows(/^Connected as/)
    expect(next.shown).toEqual(['Connecting to WhatsApp …', 'Connected as +15550009999'])
    expect(next.logged.filter((line) => /"level":[456]0/.test(line))).toEqual([])
  })

  test('works at any moment of the start, and ends a wait for the connection', async () => {
    const { standIn, options } = await harness()
    const moments = [
      async () => {},
      async ({ browsers }: Harness) => expect.poll(browsers, { interval: 5, timeout: LONG }).toHaveLength(1),
      async ({ shows }: Harness) => shows(/Linked devices/),
    ]
    for (const comes of moments) {
      const running = await harness({ standIn, options })
      await running.connection.start()
      const waiting = expect(running.connection.up()).rejects.toThrow(LinkDown)
      await comes(running)
      await running.connection.stop()
      await waiting
      expect(running.browsers()).toEqual([])
    }
  })
})
