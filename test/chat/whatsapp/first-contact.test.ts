import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { FirstContact } from '../../../src/chat/whatsapp/first-contact.ts'
import { harness, LONG, temporaryDirectory } from '../../support/whatsapp-connection.ts'

vi.setConfig({ testTimeout: 3 * LONG })

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])

describe('the operator who links the bot', () => {
  test('sees a QR code, finds it as a picture for nobody else, and is told when it is done', async () => {
    const running = await harness()
    const picture = join(running.options.sessionDirectory, '../whatsapp-qr.png')
    await running.connection.start()
    await running.shows(/Link a device.*█.*It is also in .*whatsapp-qr\.png/s)
    const first = readFileSync(picture)
    expect(first.subarray(0, 4)).toEqual(PNG)
    expect(statSync(picture).mode & 0o777).toBe(0o600)
    await running.standIn.refreshQr()
    await expect.poll(() => running.shown.length, { timeout: LONG }).toBe(3)
    expect(readFileSync(picture).equals(first)).toBe(false)
    await running.standIn.pair()
    await running.shows(/^Connected as \+15550009999$/)
    expect(existsSync(picture)).toBe(false)
  })

  test('finds no code any more, when one was still being drawn at that moment', async () => {
    const file = join(temporaryDirectory(), 'qr.png')
    const shown: string[] = []
    const contact = new FirstContact((text) => shown.push(text), file, pino({ enabled: false }))
    await Promise.all([contact.qr('code'), contact.connected('15550009999@c.us')])
    expect(existsSync(file)).toBe(false)
    expect(shown.at(-1)).toBe('Connected as +15550009999')
  })

  test('may take as long as he likes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
    onTestFinished(() => void vi.useRealTimers())
    const running = await harness({ timings: { start: 2 * LONG, probeEvery: 10 * LONG } })
    await running.connection.start()
    await running.shows(/Link a device/)
    await vi.advanceTimersByTimeAsync(2 * LONG + 1)
    await running.standIn.pair()
    await running.ready(1)
    expect(running.logged.join('')).not.toMatch(/a new attempt follows/)
  })

  test('gets a pairing code instead, if a telephone is configured for it', async () => {
    const running = await harness({ options: { pairingPhone: '+15550009999' } })
    await running.connection.start()
    await running.shows(/Link with phone number\): STANDIN1/)
    await running.standIn.pair()
    await running.shows(/^Connected as/)
  })

  test('gets a new QR code when nobody scanned the last one', async () => {
    const running = await harness()
    await running.connection.start()
    await running.shows(/Link a device/)
    await running.standIn.faults.changeState('UNPAIRED_IDLE')
    await running.standIn.refreshQr()
    await expect.poll(() => running.shown.length, { timeout: LONG }).toBe(3)
    await running.standIn.pair()
    await running.ready(1)
  })
})
