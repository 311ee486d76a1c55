import { existsSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CannotStart } from '../../../src/chat/whatsapp/cannot-start.ts'
import { Session } from '../../../src/chat/whatsapp/session.ts'
import { TIMINGS } from '../../../src/chat/whatsapp/timings.ts'
import {
  type Harness,
  harness,
  LONG,
  onlyOwnRejectionHandlers,
  shared,
  temporaryDirectory,
} from '../../support/whatsapp-connection.ts'

vi.setConfig({ testTimeout: 3 * LONG, hookTimeout: 3 * LONG })
beforeEach(onlyOwnRejectionHandlers)

const FOREIGN = { pid: 4711, machine: 'another-host', started: '1', since: '2020-01-01T00:00:00.000Z' }
const lockOf = (directory: string) => join(directory, 'chatwarden.lock')

/** Another connection on the same session, which must be free. */
async function startsAgain({ standIn, options }: Harness): Promise<Harness> {
  const next = await harness({ standIn, options })
  await next.connection.start()
  await next.ready(1)
  await next.standIn.listening()
  await next.receive('still there?')
  await next.shows(/^Connected as \+15550009999$/)
  expect(next.shown).toHaveLength(2)
  return next
}

/** Opens a session directory as a connection does, without any browser. */
async function opened(directory: string): Promise<Session> {
  const timings = { ...TIMINGS, lock: { beat: 100, watch: 600 } }
  const session = await Session.open(directory, timings, pino({ enabled: false }), () => {})
  onTestFinished(() => session.close())
  return session
}

describe('the session directory', () => {
  test('belongs to one connection', async () => {
    const directory = temporaryDirectory()
    const first = await opened(directory)
    await expect(opened(directory)).rejects.toThrow(`is in use by process ${process.pid}`)
    first.close()
    await opened(directory)
  })

  test('is taken over from a process of another machine that is silent', async () => {
    const directory = temporaryDirectory()
    writeFileSync(lockOf(directory), JSON.stringify(FOREIGN))
    await opened(directory)
    expect(JSON.parse(readFileSync(lockOf(directory), 'utf8'))).toMatchObject({ pid: process.pid })
  })

  test('is not taken over from a process of another machine that lives', async () => {
    const directory = temporaryDirectory()
    writeFileSync(lockOf(directory), JSON.stringify(FOREIGN))
    const beating = setInterval(() => utimesSync(lockOf(directory), new Date(), new Date()), 50)
    onTestFinished(() => clearInterval(beating))
    await expect(opened(directory)).rejects.toThrow('in use by process 4711 on another-host')
  })

  test('is taken over from a process whose id another process has now', async () => {
    const directory = temporaryDirectory()
    const first = await opened(temporaryDirectory())
    const own = JSON.parse(readFileSync(lockOf(first.directory), 'utf8'))
    writeFileSync(lockOf(directory), JSON.stringify({ ...own, started: '1' }))
    await opened(directory)
  })

  test('is taken over when its lock was only half written', async () => {
    const directory = temporaryDirectory()
    writeFileSync(lockOf(directory), '{"pid":')
    await opened(directory)
  })

  test('that cannot be made is one clear message', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'file')
    writeFileSync(file, '')
    const starting = opened(join(file, 'session'))
    await expect(starting).rejects.toThrow(CannotStart)
    await expect(starting).rejects.toThrow(/directory .*session cannot be written \(ENOTDIR\)\. Make it writable/)
  })

  test('that cannot be written is one clear message', async () => {
    // Root could write where the mode forbids it, but nobody into a file.
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    await expect(opened(join(file, 'session'))).rejects.toThrow('cannot be written (ENOTDIR)')
  })
})

describe('a session that is paired', () => {
  const paired = shared()
  let running: Harness

  beforeEach(async () => {
    running = paired()
    await running.connection.stop()
  })

  test.each([
    ['another host', 'another-host-4711'],
    ['a browser whose id another process has now', `${hostname()}-${process.pid}`],
  ])('is used in spite of the lock of %s', async (_, holder) => {
    symlinkSync(holder, join(running.options.sessionDirectory, 'session/SingletonLock'))
    const next = await startsAgain(running)
    expect(next.logged.join('')).toContain('clearing the lock of a browser that is gone')
  })

  test('is given up when another process took it over', async () => {
    const next = await startsAgain(running)
    writeFileSync(lockOf(next.options.sessionDirectory), JSON.stringify(FOREIGN))
    await next.connection.ended
    expect(next.logged.join('')).toContain('took over the session directory')
    expect(next.browsers()).toEqual([])
    expect(existsSync(lockOf(next.options.sessionDirectory))).toBe(true)
  })

  test('is started again when the first start failed, and the browser of that is ended', async () => {
    rmSync(lockOf(running.options.sessionDirectory), { force: true })
    running.standIn.faults.failLoad()
    const next = await startsAgain(running)
    expect(next.logged.filter((line) => line.includes('initialize failed: auth timeout'))).toHaveLength(1)
    expect(next.browsers()).toHaveLength(1)
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
