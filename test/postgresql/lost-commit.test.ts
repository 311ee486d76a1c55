import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../src/kernel/errors.ts'
import { OWNER, USER } from '../support/chatwarden.ts'
import { fragileBot } from '../support/lost-commit.ts'

const PROMOTE = `!config role promote ${USER} OPERATOR`

describe('a connection that is lost with a commit on its way', () => {
  test('tells of the change where it took place', async () => {
    const { bot, way, roleOf } = await fragileBot()
    way.breakAtCommit('after')
    expect(await bot.say(OWNER, PROMOTE)).toMatchObject({
      status: 'answered',
      replies: [{ text: expect.stringContaining('Successful') }],
    })
    expect(await roleOf(USER)).toBe('OPERATOR')
    expect(await bot.AuditLogRepository.count({ action: 'ROLE_CHANGE', targetPhoneNumber: USER })).toBe(1)
  })

  test('says that nothing was done where it did not, and then it can be', async () => {
    const { bot, way, roleOf } = await fragileBot()
    way.breakAtCommit('before')
    const text = expect.stringContaining(ERRORS.AUDIT_UNAVAILABLE.chat)
    expect(await bot.say(OWNER, PROMOTE)).toMatchObject({ status: 'failed', replies: [{ text }] })
    expect(await roleOf(USER)).toBeUndefined()
    expect(await bot.ask(OWNER, PROMOTE)).toMatch(/Successful/)
    expect(await bot.AuditLogRepository.count({ action: 'ROLE_CHANGE', targetPhoneNumber: USER })).toBe(1)
  })
})
