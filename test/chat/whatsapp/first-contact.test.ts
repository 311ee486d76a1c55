import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { harness, LONG } from '../../support/whatsapp-connection.ts'

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
    await expect.poll(() => running.shown.length, { timeout: LONG }).toBe(2)
    expect(readFileSync(picture).equals(first)).toBe(false)
    await running.standIn.pair()
    await running.shows(/^Connected as \+15550009999$/)
    expect(existsSync(picture)).toBe(false)
  })

  test('may take as long as he likes', async () => {
    const running = await harness({ timings: { start: 4000 } })
    await running.connection.start()
    await running.shows(/Link a device/)
    await new Promise((resolve) => setTimeout(resolve, 5000))
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
    await expect.poll(() => running.shown.length, { timeout: LONG }).toBe(2)
    await running.standIn.pair()
    await running.ready(1)
  })
})
