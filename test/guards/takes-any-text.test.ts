import { describe, expect, test } from 'vitest'
import { ModerationError } from '../../src/guards/moderation-error.ts'
import { knowingOutages } from '../../src/guards/takes-any-text.ts'
import { OWNER, openTestWarden, STRANGER } from '../support/chatwarden.ts'

const sender = { phoneNumber: STRANGER }
const refused = () => new ModerationError('The moderation service answered with status 400.', true)

/** A service that takes the texts that it takes, and the texts that it was asked about. */
async function open(takes: (text: string) => boolean, whenDown = 'hold') {
  const asked: string[] = []
  const warden = await openTestWarden({
    moderate: async (text) => {
      asked.push(text)
      if (!takes(text)) throw refused()
      return { flagged: false, categories: [] }
    },
  })
  await warden.say(OWNER, `!config set moderation-when-down ${whenDown}`)
  return { warden, asked }
}

describe('a service that refuses a text', () => {
  test('and any other is down: the setting decides, and after five the trail says so', async () => {
    const { warden } = await open(() => false, 'pass')
    for (let index = 0; index < 6; index++)
      expect(await warden.moderate(sender, `text ${index}`)).toMatchObject({ isDown: true, passes: true })
    await expect
      .poll(() => warden.sql(`SELECT 1 FROM audit_logs WHERE action = 'CIRCUIT_BREAKER_OPEN'`))
      .toHaveLength(1)
  })

  test('and takes others is up: the text passes nowhere, whatever the setting', async () => {
    const { warden } = await open((text) => !text.includes('too long'), 'pass')
    expect(await warden.moderate(sender, 'too long')).toMatchObject({ isDown: false, passes: false })
    expect(await warden.moderate(sender, 'fine')).toMatchObject({ isDown: false, passes: true })
  })

  test('is asked about another once a minute at most, while it takes texts', async () => {
    const { warden, asked } = await open((text) => !text.includes('too long'))
    for (let index = 0; index < 10; index++) await warden.moderate(sender, 'too long')
    expect(asked.filter((text) => text !== 'too long')).toHaveLength(1)
  })
})

test('a function that never answers is told so in time', async () => {
  const asking = knowingOutages(() => new Promise(() => {}), 20)('text')
  await expect(asking).rejects.toThrow('did not answer within 20 ms')
})

describe('a service that fails at one text', () => {
  test.each([403, 404, 451])('and takes others is up, whatever it says: status %d', async (status) => {
    const answered = new ModerationError(`The moderation service answered with status ${status}.`, false, true)
    const warden = await openTestWarden({
      moderate: async (text) => {
        if (text.includes('EVIL')) throw answered
        return { flagged: text.includes('bad'), categories: [] }
      },
    })
    await warden.say(OWNER, '!config set moderation-when-down pass')
    for (let index = 0; index < 7; index++)
      expect(await warden.moderate(sender, `EVIL ${index}`)).toMatchObject({ passes: false, isDown: false })
    expect(await warden.moderate(sender, 'bad')).toMatchObject({ passes: false, flagged: true })
  })

  test('and gives no verdict on any is down after five', async () => {
    const warden = await openTestWarden({ moderate: async () => ({ ok: true }) as never })
    for (let index = 0; index < 6; index++) await warden.moderate(sender, `text ${index}`)
    await expect
      .poll(() => warden.sql(`SELECT 1 FROM audit_logs WHERE action = 'CIRCUIT_BREAKER_OPEN'`))
      .toHaveLength(1)
  })
})
