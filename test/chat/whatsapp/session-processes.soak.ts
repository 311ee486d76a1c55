import { hostname } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CannotStart } from '../../../src/chat/whatsapp/cannot-start.ts'
import { Session } from '../../../src/chat/whatsapp/session.ts'
import { TIMINGS } from '../../../src/chat/whatsapp/timings.ts'
import { child, startNode } from '../../support/child.ts'
import { harness, LONG, onlyOwnRejectionHandlers, optionsFor, ownStandIn } from '../../support/whatsapp-connection.ts'
import type { StandIn } from '../../support/whatsapp-web/stand-in.ts'

vi.setConfig({ testTimeout: 3 * LONG, hookTimeout: 3 * LONG })
beforeEach(onlyOwnRejectionHandlers)

/** A connection in a process of its own, paired and ready. */
async function elsewhere(standIn: StandIn, directory: string) {
  const env = { OPTIONS: JSON.stringify(optionsFor(standIn, directory)) }
  const running = startNode([child('whatsapp-connection.mjs')], { env })
  await standIn.pair()
  expect(await running.line()).toBe('ready')
  return running
}

/** Opens a session directory as a connection does, without any browser. */
async function opened(directory: string): Promise<Session> {
  const timings = { ...TIMINGS, lock: { beat: 100, watch: 600 } }
  const session = await Session.open(directory, timings, pino({ enabled: false }), () => {})
  onTestFinished(() => session.close())
  return session
}

describe('another process', () => {
  test('that was killed leaves its browser and its lock, and the next one starts all the same', async () => {
    const standIn = await ownStandIn()
    const next = await harness({ standIn })
    const directory = join(next.options.sessionDirectory, '..')
    const killed = await elsewhere(standIn, directory)
    killed.process.kill('SIGKILL')
    await killed.ended()
    expect(next.browsers()).toHaveLength(1)
    await next.connection.start()
    await next.ready(1)
    await next.standIn.listening()
    await next.receive('still there?')
    expect(next.browsers()).toHaveLength(1)
    await next.shows(/^Connected as \+15550009999$/)
    expect(next.shown).toHaveLength(2)
    expect(next.logged.join('')).toContain('left locked by a process that is gone')
    expect(next.logged.join('')).toContain('ending a browser that was left over')
    expect(next.logged.join('')).not.toContain('a new attempt follows')
  })

  test('that holds the session directory is left alone, until it has stopped', async () => {
    const standIn = await ownStandIn()
    const second = await harness({ standIn })
    const first = await elsewhere(standIn, join(second.options.sessionDirectory, '..'))
    const starting = second.connection.start()
    await expect(starting).rejects.toThrow(CannotStart)
    await expect(starting).rejects.toThrow(`is in use by process ${first.process.pid} on ${hostname()}`)
    expect(second.browsers()).toHaveLength(1)
    first.send('stop')
    expect((await first.ended()).code).toBe(0)
    expect(second.browsers()).toEqual([])
    await opened(second.options.sessionDirectory)
  })
})
