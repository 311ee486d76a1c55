import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/database.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { testDatabase } from '../support/database.ts'
import { codesOfStarts, PASSES, wayToLeavingServer } from '../support/leaving-server.ts'
import { makeTwoRoles } from '../support/two-roles.ts'

/** All moments, or in a short round some of them. */
const STEP = process.env.SOAK_ROUNDS === undefined ? 1 : 5

describe('a server that goes away at any moment is told as what passes', () => {
  test('while an empty database is opened', async () => {
    const codes = await codesOfStarts(async (questions) => {
      const { ownerUrl } = await makeTwoRoles()
      await (await openDatabase(await wayToLeavingServer(ownerUrl, questions))).close()
    })
    expect(codes.length).toBeGreaterThan(20)
    expect(codes).toEqual(codes.map(() => PASSES))
  })

  test('while a bot starts', async () => {
    const codes = await codesOfStarts(async (questions) => {
      const folder = temporaryFolder()
      const env = { DATABASE_URL: await wayToLeavingServer(testDatabase(folder).url, questions) }
      await openTestWarden({ env }, folder)
    }, STEP)
    expect(codes.length).toBeGreaterThan(15)
    expect(codes).toEqual(codes.map(() => PASSES))
  })
})
