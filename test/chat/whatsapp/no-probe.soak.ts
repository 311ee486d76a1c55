import { beforeEach, describe, expect, test, vi } from 'vitest'
import { LinkDown, Unanswered } from '../../../src/chat/whatsapp/link.ts'
import { ALICE, type Harness, LONG, onlyOwnRejectionHandlers, shared } from '../../support/whatsapp-connection.ts'
import { log, recovers, send } from '../../support/whatsapp-recovery.ts'

vi.setConfig({ testTimeout: 3 * LONG, hookTimeout: 3 * LONG })

/** Longer than any test: what would otherwise notice the fault is switched off. */
const NEVER = 10 * LONG

// A rejection that nobody handles must end this process, as it would end the bot's.
beforeEach(onlyOwnRejectionHandlers)

/** How often the operator was shown how to pair. */
const invitations = ({ shown }: Harness) => shown.filter((text) => text.includes('Linked devices')).length

describe('without any probe', () => {
  const connection = shared({ timings: { probeEvery: NEVER, probeFailures: 1, proof: 1000 } })
  let running: Harness

  beforeEach(async () => {
    running = connection()
    await running.receive('before')
  })

  describe('the connection comes back', () => {
    test('when the browser is killed', async () => {
      await running.standIn.faults.killBrowser()
      await recovers(running)
      expect(log(running)).toMatch(/"why":"the browser is gone".*the connection was lost/)
    })

    test('when the page crashes', async () => {
      await running.standIn.faults.crashRenderer()
      await recovers(running)
      expect(log(running)).toContain('"why":"the page is gone: Page crashed!"')
    })

    test('when a call is not answered', async () => {
      await running.standIn.faults.hang()
      await expect(send(running, 'anyone?', 100)).rejects.toThrow(Unanswered)
      await recovers(running)
    })

    test('when an own message is not announced', async () => {
      await running.standIn.faults.deafen()
      running.standIn.receive({ from: ALICE, text: 'unheard' })
      await running.standIn.delivered()
      await send(running, 'is this heard?')
      await recovers(running)
      expect(running.texts).toContain('unheard')
      expect(log(running)).toContain('"why":"a message was sent but not announced"')
    })

    test('when the page is reloaded, with the same client', async () => {
      await running.standIn.faults.reload()
      await recovers(running)
      expect(log(running)).toContain('the page was reloaded')
      expect(log(running)).not.toContain('connection was lost')
    })

    test('when the library cannot inject itself again', async () => {
      await running.standIn.faults.failReinjection()
      await recovers(running)
      expect(log(running)).toContain('"why":"the library failed: auth timeout"')
    })

    test('when WhatsApp Web is opened elsewhere', async () => {
      await running.standIn.faults.conflict()
      await recovers(running)
      expect(log(running)).toContain('"why":"CONFLICT"')
    })

    test('when much of it happens at once, one client at a time', async () => {
      await running.standIn.faults.hang()
      running.standIn.faults.failLoad(2)
      const call = expect(send(running, 'lost')).rejects.toThrow(Unanswered)
      await running.standIn.faults.killBrowser()
      await call
      await recovers(running)
      expect(running.logged.filter((line) => line.includes('"why":"initialize failed: auth timeout"'))).toHaveLength(2)
      await expect.poll(running.browsers).toHaveLength(1)
    })
  })

  describe('the connection stays', () => {
    test('when ready is repeated', async () => {
      await running.standIn.faults.repeatReady()
      await running.logs(/ready once more/)
      await recovers(running, 0)
      expect(running.readies).toBe(0)
    })

    test('when the page reconnects by itself', async () => {
      for (const state of ['TIMEOUT', 'OPENING', 'CONNECTED']) await running.standIn.faults.changeState(state)
      await running.logs(/"state":"CONNECTED"/)
      await recovers(running, 0)
      expect(running.readies).toBe(0)
    })

    test('when a message event is repeated', async () => {
      const id = running.standIn.receive({ from: ALICE, text: 'twice' })
      running.standIn.faults.duplicate(id)
      await recovers(running, 0)
    })

    test('when a handler fails, which is logged', async () => {
      running.connection.onMessage(async ({ body }) => {
        if (body === 'trouble') throw new Error('a bug in the handler')
      })
      running.connection.onMessage(({ body }) => {
        if (body === 'trouble') throw new Error('another bug')
      })
      running.standIn.receive({ from: ALICE, text: 'trouble' })
      await recovers(running, 0)
      await running.logs(/a bug in the handler/)
      await running.logs(/another bug/)
    })

    test('when a call is rejected, and the caller gets the error of the library', async () => {
      await running.standIn.faults.sendError()
      await expect(send(running, 'refused')).rejects.toThrow('the stand-in refuses this message')
      await recovers(running, 0)
    })
  })

  test('a call under way when the page crashes is left unanswered at once', async () => {
    await running.standIn.faults.stallSend(true)
    const call = send(running, 'on its way', NEVER)
    const broken = Promise.all([
      expect(call).rejects.toThrow(Unanswered),
      // Else it would be left so only when the browser is closed.
      expect(call).rejects.toThrow('the page is gone'),
    ])
    await running.standIn.waitForOutbox(({ text }) => text === 'on its way')
    await running.standIn.faults.crashRenderer()
    await broken
    await recovers(running)
  })

  describe('a device that was unlinked', () => {
    test('is told to the operator, shows a new code, and keeps its new keys', async () => {
      await running.standIn.faults.logout()
      await running.logs(/"level":50.*no longer linked/)
      await expect(send(running, 'nobody is there')).rejects.toThrow(LinkDown)
      await running.shows(/Linked devices/)
      await running.standIn.pair()
      await recovers(running)
      expect(invitations(running)).toBe(1)
      await running.shows(/^Connected as \+15550009999$/)
      await running.standIn.faults.killBrowser()
      await running.ready(2)
      expect(invitations(running)).toBe(1)
    })

    test('keeps its session if the keys may still be good', async () => {
      await running.standIn.faults.changeState('UNPAIRED')
      await recovers(running)
      expect(log(running)).toContain('no longer linked')
      expect(invitations(running)).toBe(0)
    })
  })
})
