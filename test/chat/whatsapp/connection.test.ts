import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { LinkDown, Unanswered } from '../../../src/chat/whatsapp/link.ts'
import {
  ALICE,
  connected,
  type Harness,
  type HarnessOptions,
  harness,
  LONG,
  onlyOwnRejectionHandlers,
} from '../../support/whatsapp-connection.ts'

vi.setConfig({ testTimeout: 3 * LONG, hookTimeout: 3 * LONG })

const CHAT = `${ALICE}@c.us`
/** Longer than any test: what would otherwise notice the fault is switched off. */
const NEVER = 10 * LONG

let running: Harness

// A rejection that nobody handles must end this process, as it would end the bot's.
beforeEach(onlyOwnRejectionHandlers)

async function connect(given: HarnessOptions = {}): Promise<void> {
  running = await connected(given)
  await running.receive('before')
}

/** Whatever the fault did: ready again, and each message came exactly once, also the one sent after it. */
async function recovers(readies = 2): Promise<void> {
  await running.ready(readies)
  await running.connection.up()
  await running.standIn.listening()
  await running.receive('after')
  await running.standIn.delivered()
  expect(running.texts).toEqual([...new Set(running.texts)])
  expect(running.texts).toEqual(expect.arrayContaining(['before', 'after']))
}

const log = () => running.logged.join('')

const send = (text: string, deadline = LONG) =>
  running.connection.call('sendMessage', deadline, (client) => client.sendMessage(CHAT, text, { sendSeen: false }))

describe('the connection comes back', () => {
  test('when the browser is killed', async () => {
    await connect()
    await running.standIn.faults.killBrowser()
    await recovers()
    expect(log()).toMatch(/"why":"the browser is gone".*the connection was lost/)
  })

  test('when the page crashes', async () => {
    await connect()
    await running.standIn.faults.crashRenderer()
    await recovers()
    expect(log()).toContain('"why":"the page is gone: Page crashed!"')
  })

  test('when the page hangs, and what was written meanwhile arrives', async () => {
    await connect()
    await running.standIn.faults.hang()
    running.standIn.receive({ from: ALICE, text: 'meanwhile' })
    await recovers()
    expect(running.texts).toContain('meanwhile')
    expect(log()).toContain('"why":"the page does not answer: getState: no answer')
  })

  test('when a call is not answered, without waiting for the next probe', async () => {
    await connect({ timings: { probeEvery: NEVER, probeFailures: 1 } })
    await running.standIn.faults.hang()
    await expect(send('anyone?', 500)).rejects.toThrow(Unanswered)
    await recovers()
  })

  test('when ready is missed', async () => {
    await connect({ timings: { start: 8000 } })
    running.standIn.faults.missedReady()
    await running.standIn.faults.killBrowser()
    await recovers()
    expect(log()).toContain('"why":"not ready, though its state is CONNECTED"')
  })

  test('when ready is missed after a reload', async () => {
    await connect({ timings: { start: 8000 } })
    running.standIn.faults.missedReady()
    await running.standIn.faults.reload()
    await recovers()
    expect(log()).toContain('"why":"not ready, though its state is CONNECTED"')
  })

  test('when ready was false, and the message that nobody announced is handed over', async () => {
    await connect()
    running.standIn.faults.falseReady()
    await running.standIn.faults.killBrowser()
    await running.ready(2)
    await running.standIn.listening()
    await running.receive('unheard')
    // The first may have come before the library listened, which would prove nothing.
    running.standIn.receive({ from: ALICE, text: 'unheard too' })
    await recovers(3)
    await running.arrived('unheard too')
    expect(log()).toContain('"why":"messages arrive but are not announced"')
  })

  test('when an own message is not announced', async () => {
    await connect({ timings: { probeEvery: NEVER } })
    await running.standIn.faults.deafen()
    running.standIn.receive({ from: ALICE, text: 'unheard' })
    await running.standIn.delivered()
    await send('is this heard?')
    await recovers()
    expect(running.texts).toContain('unheard')
    expect(log()).toContain('"why":"a message was sent but not announced"')
  })

  test('when the page is reloaded, with the same client', async () => {
    await connect()
    await running.standIn.faults.reload()
    await recovers()
    expect(log()).toContain('the page was reloaded')
    expect(log()).not.toContain('connection was lost')
  })

  test('when the library cannot inject itself again', async () => {
    await connect()
    await running.standIn.faults.failReinjection()
    await recovers()
    expect(log()).toContain('"why":"the library failed: auth timeout"')
  })

  test('when WhatsApp Web is opened elsewhere', async () => {
    await connect()
    await running.standIn.faults.conflict()
    await recovers()
    expect(log()).toContain('"why":"CONFLICT"')
  })

  test('when the page stays without its own connection', async () => {
    await connect({ timings: { offline: 1000 } })
    await running.standIn.faults.changeState('TIMEOUT')
    await recovers()
    expect(log()).toContain('"why":"state TIMEOUT for too long"')
  })

  test('when all of it happens at once, one client at a time', async () => {
    await connect()
    await running.standIn.faults.hang()
    running.standIn.faults.failLoad(2)
    const call = expect(send('lost')).rejects.toThrow(Unanswered)
    await running.standIn.faults.killBrowser()
    await call
    await recovers()
    expect(running.logged.filter((line) => line.includes('"why":"initialize failed: auth timeout"'))).toHaveLength(2)
    await expect.poll(running.browsers).toHaveLength(1)
  })
})

describe('the connection stays', () => {
  test('when ready is repeated', async () => {
    await connect()
    await running.standIn.faults.repeatReady()
    await running.logs(/ready once more/)
    await recovers(1)
    expect(running.readies).toBe(1)
  })

  test('when the page reconnects by itself', async () => {
    await connect()
    for (const state of ['TIMEOUT', 'OPENING', 'CONNECTED']) await running.standIn.faults.changeState(state)
    await running.logs(/"state":"CONNECTED"/)
    await recovers(1)
    expect(running.readies).toBe(1)
  })

  test('and the memory of the browser is looked at', async () => {
    await connect()
    await running.logs(process.platform === 'linux' ? /"megabytes":[1-9][0-9]{2}/ : /"megabytes"/)
  })

  test('when a message event is repeated', async () => {
    await connect()
    const id = running.standIn.receive({ from: ALICE, text: 'twice' })
    running.standIn.faults.duplicate(id)
    await recovers(1)
  })

  test('when a handler fails, which is logged', async () => {
    await connect()
    running.connection.onMessage(async () => Promise.reject(new Error('a bug in the handler')))
    running.connection.onMessage(() => {
      throw new Error('another bug')
    })
    await recovers(1)
    await running.logs(/a bug in the handler/)
    await running.logs(/another bug/)
  })

  test('when a call is rejected, and the caller gets the error of the library', async () => {
    await connect()
    await running.standIn.faults.sendError()
    await expect(send('refused')).rejects.toThrow('the stand-in refuses this message')
    await recovers(1)
  })
})

describe('a device that was unlinked', () => {
  test('is told to the operator, shows a new code, and keeps its new keys', async () => {
    await connect()
    await running.standIn.faults.logout()
    await running.logs(/"level":50.*no longer linked/)
    await expect(send('nobody is there')).rejects.toThrow(LinkDown)
    await running.standIn.pair()
    await recovers()
    expect(running.shown.filter((text) => text.includes('Linked devices'))).toHaveLength(2)
    await expect.poll(() => running.shown.filter((text) => text === 'Connected as +15550009999')).toHaveLength(2)
    await running.standIn.faults.killBrowser()
    await running.ready(3)
  })

  test('keeps its session if the keys may still be good', async () => {
    await connect()
    await running.standIn.faults.changeState('UNPAIRED')
    await recovers()
    expect(log()).toContain('no longer linked')
    expect(running.shown.filter((text) => text.includes('Linked devices'))).toHaveLength(1)
  })
})

describe('a call', () => {
  test('without a connection is refused at once', async () => {
    running = await harness()
    await expect(send('too early')).rejects.toThrow(LinkDown)
  })

  test('under way when the connection breaks is left unanswered at once', async () => {
    await connect()
    await running.standIn.faults.stallSend(true)
    const call = send('on its way', NEVER)
    const broken = expect(call).rejects.toThrow(Unanswered)
    await running.standIn.waitForOutbox(1)
    await running.standIn.faults.reload()
    await broken
    await recovers()
  })
})

describe('stopping', () => {
  test('leaves no browser and no lock, and the next start needs no repair', async () => {
    await connect()
    await running.connection.stop()
    await running.connection.stop()
    await running.connection.ended
    expect(running.browsers()).toEqual([])
    expect(existsSync(join(running.options.sessionDirectory, 'chatwarden.lock'))).toBe(false)
    const next = await harness({ standIn: running.standIn, options: running.options })
    await next.connection.start()
    await next.ready(1)
    await next.shows(/^Connected as/)
    expect(next.shown).toHaveLength(1)
    expect(next.logged.filter((line) => /"level":[456]0/.test(line))).toEqual([])
  })

  test('works at any moment of the start', async () => {
    running = await harness()
    for (const pause of [0, 50, 200, 400, 800]) {
      const { connection } = await harness({ standIn: running.standIn, options: running.options })
      await connection.start()
      await new Promise((resolve) => setTimeout(resolve, pause))
      const waiting = expect(connection.up()).rejects.toThrow(LinkDown)
      await connection.stop()
      await waiting
      expect(running.browsers()).toEqual([])
    }
  })

  test('ends a wait for the connection; so does its signal', async () => {
    running = await harness()
    const given = new AbortController()
    const waiting = expect(running.connection.up(given.signal)).rejects.toThrow('no patience')
    given.abort(new Error('no patience'))
    await waiting
  })
})
