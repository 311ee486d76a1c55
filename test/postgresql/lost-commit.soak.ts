import { expect, test } from 'vitest'
import { ERRORS } from '../../src/kernel/errors.ts'
import { OWNER, USER } from '../support/chatwarden.ts'
import { fragileBot } from '../support/lost-commit.ts'

test('where the server stays away after a lost commit, nobody says whether it took place', async () => {
  const { bot, way, roleOf } = await fragileBot()
  way.breakAtCommit('after', { forGood: true })
  const text = expect.stringContaining(ERRORS.OUTCOME_UNKNOWN.chat)
  const promoted = await bot.say(OWNER, `!config role promote ${USER} OPERATOR`)
  expect(promoted).toMatchObject({ status: 'failed', replies: [{ text }] })
  way.mend()
  await expect.poll(() => roleOf(USER)).toBe('OPERATOR')
})
