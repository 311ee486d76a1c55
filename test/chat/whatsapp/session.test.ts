import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CannotStart } from '../../../src/chat/whatsapp/cannot-start.ts'
import { child, startNode } from '../../support/child.ts'
import {
  connected,
  type Harness,
  harness,
  LONG,
  onlyOwnRejectionHandlers,
  optionsFor,
  ownStandIn,
  temporaryDirectory,
} from '../../support/whatsapp-connection.ts'
import type { StandIn } from '../../support/whatsapp-web/stand-in.ts'

vi.setConfig({ testTimeout: 3 * LONG, hookTimeout: 3 * LONG })
beforeEach(onlyOwnRejectionHandlers)

const lockOf = (directory: string) => join(directory, 'chatwarden.lock')

/** A connection in a process of its own, paired and ready. */
async function elsewhere(standIn: StandIn, directory: string) {
  const env = { OPTIONS: JSON.stringify(optionsFor(standIn, directory)) }
  const running = startNode([child('whatsapp-connection.mjs')], { env })
  await standIn.pair()
  expect(await running.line()).toBe('ready')
  return running
}

async function pairedAndStopped(): Promise<Harness> {
  const running = await connected()
  await running.connection.stop()
  return running
}

async function startsAgain({ standIn, options }: Harness): Promise<Harness> {
  const next = await harness({ standIn, options })
  await next.connection.start()
  await next.ready(1)
  await next.standIn.listening()
  await next.receive('still there?')
  await next.shows(/^Connected as \+15550009999$/)
  expect(next.shown).toHaveLength(1)
  return next
}

describe('a process that was killed', () => {
  test('leaves its browser and its lock, and the next one starts all the same', async () => {
    const standIn = await ownStandIn()
    const next = await harness({ standIn })
    const directory = join(next.options.sessionDirectory, '..')
    const killed = await elsewhere(standIn, directory)
    killed.process.kill('SIGKILL')
    await killed.ended()
    await expect.poll(next.browsers).toHaveLength(1)
    await next.connection.start()
    await next.ready(1)
    await next.standIn.listening()
    await next.receive('still there?')
    await expect.poll(next.browsers).toHaveLength(1)
    await next.shows(/^Connected as \+15550009999$/)
    expect(next.shown).toHaveLength(1)
    expect(next.logged.join('')).toContain('left locked by a process that is gone')
    expect(next.logged.join('')).toContain('ending a browser that was left over')
  })
})

describe('the session directory', () => {
  test('belongs to one process', async () => {
    const standIn = await ownStandIn()
    const second = await harness({ standIn })
    const first = await elsewhere(standIn, join(second.options.sessionDirectory, '..'))
    const starting = second.connection.start()
    await expect(starting).rejects.toThrow(CannotStart)
    await expect(starting).rejects.toThrow(`is in use by process ${first.process.pid} on ${hostname()}`)
    await expect.poll(second.browsers).toHaveLength(1)
    first.send('stop')
    expect((await first.ended()).code).toBe(0)
    await second.connection.start()
    await second.ready(1)
  })

  test('belongs to one connection', async () => {
    const first = await connected()
    const second = await harness({ standIn: first.standIn, options: first.options })
    await expect(second.connection.start()).rejects.toThrow(`is in use by process ${process.pid}`)
    await first.receive('undisturbed')
  })

  test('is taken over from a process of another machine that is silent', async () => {
    const running = await pairedAndStopped()
    const holder = { pid: 1, machine: 'another-host', started: '1', since: '2020-01-01T00:00:00.000Z' }
    writeFileSync(lockOf(running.options.sessionDirectory), JSON.stringify(holder))
    await startsAgain(running)
  })

  test('is not taken over from a process of another machine that lives', async () => {
    const running = await pairedAndStopped()
    const path = lockOf(running.options.sessionDirectory)
    const holder = { pid: 4711, machine: 'another-host', started: '1', since: '2020-01-01T00:00:00.000Z' }
    writeFileSync(path, JSON.stringify(holder))
    const beating = setInterval(() => utimesSync(path, new Date(), new Date()), 100)
    onTestFinished(() => clearInterval(beating))
    const { connection } = await harness({ standIn: running.standIn, options: running.options })
    await expect(connection.start()).rejects.toThrow('in use by process 4711 on another-host')
  })

  test('is taken over from a process whose id another process has now', async () => {
    const running = await pairedAndStopped()
    const first = await connected()
    const own = JSON.parse(readFileSync(lockOf(first.options.sessionDirectory), 'utf8'))
    writeFileSync(lockOf(running.options.sessionDirectory), JSON.stringify({ ...own, started: '1' }))
    await startsAgain(running)
  })

  test('is taken over when its lock was only half written', async () => {
    const running = await pairedAndStopped()
    writeFileSync(lockOf(running.options.sessionDirectory), '{"pid":')
    await startsAgain(running)
  })

  test('that another process took over is given up', async () => {
    const running = await connected()
    const holder = { pid: 4711, machine: 'another-host', started: '1', since: '2020-01-01T00:00:00.000Z' }
    writeFileSync(lockOf(running.options.sessionDirectory), JSON.stringify(holder))
    await running.connection.ended
    expect(running.logged.join('')).toContain('took over the session directory')
    expect(running.browsers()).toEqual([])
    expect(existsSync(lockOf(running.options.sessionDirectory))).toBe(true)
  })

  test('with the lock of a browser on another host is used all the same', async () => {
    const running = await pairedAndStopped()
    const lock = join(running.options.sessionDirectory, 'session/SingletonLock')
    symlinkSync('another-host-4711', lock)
    const next = await startsAgain(running)
    expect(next.logged.join('')).toContain('clearing the lock of a browser that is gone')
  })

  test('with the lock of a browser whose id another process has now is used all the same', async () => {
    const running = await pairedAndStopped()
    const lock = join(running.options.sessionDirectory, 'session/SingletonLock')
    symlinkSync(`${hostname()}-${process.pid}`, lock)
    await startsAgain(running)
  })

  test('that cannot be made is one clear message', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'file')
    writeFileSync(file, '')
    const { connection } = await harness({ options: { sessionDirectory: join(file, 'session') } })
    const starting = connection.start()
    await expect(starting).rejects.toThrow(CannotStart)
    await expect(starting).rejects.toThrow(/directory .*session cannot be written \(ENOTDIR\)\. Make it writable/)
  })

  test.skipIf(process.getuid?.() === 0)('that cannot be written is one clear message', async () => {
    const sessionDirectory = join(temporaryDirectory(), 'session')
    mkdirSync(sessionDirectory, { mode: 0o500 })
    const { connection } = await harness({ options: { sessionDirectory } })
    await expect(connection.start()).rejects.toThrow('cannot be written (EACCES)')
  })
})

describe('without a browser', () => {
  test('the bot does not start, and says how to get one', async () => {
    const running = await harness({ options: { browserPath: '/no/such/browser' } })
    const starting = running.connection.start()
    await expect(starting).rejects.toThrow(CannotStart)
    await expect(starting).rejects.toThrow(/WHATSAPP_BROWSER_PATH is \/no\/such\/browser.*install Chromium/s)
    expect(existsSync(running.options.sessionDirectory)).toBe(false)
  })
})

describe('the first start', () => {
  test('that fails is repeated, and the browser of the failed one is ended', async () => {
    const running = await harness()
    running.standIn.faults.failLoad(2)
    await running.connection.start()
    await running.standIn.pair()
    await running.ready(1)
    await running.standIn.listening()
    await running.receive('at last')
    expect(running.logged.filter((line) => line.includes('initialize failed: auth timeout'))).toHaveLength(2)
    await expect.poll(running.browsers).toHaveLength(1)
  })
})
