import { beforeAll, describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/kernel/clock.ts'
import { ALICE, shareAccount } from '../../support/whatsapp-chat.ts'

const account = shareAccount()

beforeAll(async () => {
  await account.standIn.person({ phone: ALICE })
  // As accounts of before the ninth digit, and of before Mexico dropped its 1, still are.
  await account.standIn.person({ phone: '551187654321' })
  await account.standIn.person({ phone: '5215512345678' })
  await account.standIn.person({ phone: '5491123456789' })
})

describe('who has a number', () => {
  test.each([
    [`+${ALICE}`, { kind: 'found', phone: `+${ALICE}` }],
    ['+5511987654321', { kind: 'found', phone: '+5511987654321' }],
    ['+525512345678', { kind: 'found', phone: '+525512345678' }],
    ['+5491123456789', { kind: 'found', phone: '+5491123456789' }],
    ['+541123456789', { kind: 'none' }],
    ['+15550007777', { kind: 'none' }],
  ] as const)('%s', async (phone, found) => {
    const { adapter } = await account.open()
    expect(await adapter.findNumber?.(phone, phone)).toEqual(found)
  })

  test('is asked once a day, of a number that nobody has after ten minutes, and no more than twenty times a minute', async () => {
    const { adapter, clock } = await account.open()
    const asked = async (phone: `+${string}`) => {
      const before = (await account.lookups()).length
      const { kind } = (await adapter.findNumber?.(phone, phone)) ?? {}
      return [kind, (await account.lookups()).length - before]
    }
    expect(await asked(`+${ALICE}`)).toEqual(['found', 1])
    clock.advance(DAY - 1)
    expect(await asked(`+${ALICE}`)).toEqual(['found', 0])
    clock.advance(1)
    expect(await asked(`+${ALICE}`)).toEqual(['found', 1])
    expect(await asked('+15550007770')).toEqual(['none', 1])
    clock.advance(10 * MINUTE - 1)
    expect(await asked('+15550007770')).toEqual(['none', 0])
    clock.advance(1)
    expect(await asked('+15550007770')).toEqual(['none', 1])
    clock.advance(MINUTE)
    for (let n = 0; n < 20; n++) expect(await asked(`+155500066${n + 10}`)).toEqual(['none', 1])
    expect(await asked('+15550006699')).toEqual(['unknown', 0])
    clock.advance(MINUTE)
    expect(await asked('+15550006699')).toEqual(['none', 1])
  })
})

test.each([
  ['+5511987654321', '551187654321@c.us'],
  ['+525512345678', '5215512345678@c.us'],
  ['+5491123456789', '5491123456789@c.us'],
  [`+${ALICE}`, `${ALICE}@c.us`],
] as const)('a note to %s goes to the id that WhatsApp has', async (phone, to) => {
  const { adapter, sends } = await account.open()
  await adapter.send({ kind: 'person', account: phone }, { text: 'a note' })
  expect(await sends(1)).toMatchObject([{ to, text: 'a note' }])
})
