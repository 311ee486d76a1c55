import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AuditFilter, Who } from '../../src/audit/entry/audit-filter.ts'
import { type AuditLog, SYSTEM_PLACE } from '../../src/audit/entry/entry.ts'
import { defineEvent } from '../../src/index.ts'
import { ADMIN, OPERATOR, OWNER, openTestWarden } from '../support/chatwarden.ts'
import { idOf, linkAccount } from '../support/people.ts'

const note = defineEvent({
  category: 'ADMIN',
  failure: 'closed',
  metadata: z.strictObject({ about: z.string().optional(), type: z.string().optional() }),
  describe: ({ type }) => `A note of ${type}`,
  resource: ({ about, type = 'user' }) => (about === undefined ? undefined : { type, id: about }),
})

interface Noted {
  readonly account: string
  readonly userId: string | undefined
  readonly about: string | undefined
  readonly type: string
  readonly subjectId: string | undefined
}

const STRANGERS = ['shop:1', 'telegram:900']
const FOREIGN = ['u-7', 'shop:1']

test('whoever is looked for among many categories and actions, by however many accounts, is found', async () => {
  const warden = await openTestWarden()
  const list = Array.from({ length: 19 }, (_, n) => `ACTION_${n}`)
  const filter = `category:AUTH,CONFIG,ADMIN,SECURITY action:ROLE_CHANGE,${list.join()} actor:telegram:1 target:telegram:2`
  expect(await warden.ask(OWNER, `!config audit search ${filter}`)).toContain('No audit logs found')
  const accounts = Array.from({ length: 50 }, (_, n) => `telegram:${n}`)
  const some = { accounts: accounts.slice(0, 9) }
  expect(await warden.AuditLogRepository.count({ by: some, about: some, action: list })).toBe(0)
  // The search itself.
  expect(await warden.AuditLogRepository.query({ about: { accounts }, limit: 5 })).toHaveLength(1)
  await expect(
    warden.AuditLogRepository.count({ by: { accounts: [...accounts, 'telegram:50'] } }),
  ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('digits that a host gave as an account are found as that', async () => {
  const warden = await openTestWarden()
  await warden.AuditLogger.logPermissionDenied({ account: '4212345678', action: 'X' })
  await warden.AuditLogger.logPermissionDenied({ phoneNumber: '4212345679', action: 'X' })
  const count = (filter: AuditFilter) => warden.AuditLogRepository.count(filter)
  expect(await count({ account: '4212345678' })).toBe(1)
  expect(await count({ phoneNumber: '4212345678' })).toBe(0)
  expect([await count({ account: '+4212345679' }), await count({ phoneNumber: '4212345679' })]).toEqual([1, 1])
})

test('the entries by and about a person are those of any of their accounts, and of nobody else', async () => {
  const warden = await openTestWarden({ events: { NOTE: note } })
  for (const [account, person] of [
    ['telegram:101', OWNER],
    ['whatsapp:101@lid', OWNER],
    ['slack:T1/U101', OWNER],
    ['telegram:301', OPERATOR],
  ])
    linkAccount(warden, account ?? '', person ?? '')
  const accounts = warden.sql<{ account: string; id: string }>('SELECT account, user_id AS id FROM accounts')
  const ids = [...new Set(accounts.map(({ id }) => id))]
  const people: Who[] = [
    ...ids.map((userId) => ({
      userId,
      accounts: accounts.filter(({ id }) => id === userId).map((one) => one.account),
    })),
    ...STRANGERS.map((account) => ({ accounts: [account] })),
    { userId: idOf(warden, ADMIN), accounts: [] },
    { userId: 'u-7', accounts: [] },
  ]

  /** What an account did while it was another user's is theirs; an id of the host's own is nobody's here. */
  const isOf = (who: Who, account: string | null, id: string | null) =>
    (id !== null && id === who.userId) || (who.accounts.includes(account ?? '') && (id === null || !ids.includes(id)))
  const isBy = (who: Who) => (entry: AuditLog) => isOf(who, entry.account, entry.userId)
  const isAbout = (who: Who) => (entry: AuditLog) =>
    isOf(who, entry.resourceType === 'user' ? entry.resourceId : null, entry.subjectId)

  const anyAccount = fc.constantFrom(...accounts.map(({ account }) => account), ...STRANGERS)
  const anyId = fc.option(fc.constantFrom(...ids, ...FOREIGN), { nil: undefined })
  const entry = fc.record({
    account: anyAccount,
    userId: anyId,
    about: fc.option(anyAccount, { nil: undefined }),
    type: fc.constantFrom('user', 'user', 'channel'),
    subjectId: anyId,
  })
  const record = ({ account, userId, about, type, subjectId }: Noted) =>
    warden.AuditLogger.record({
      action: 'NOTE',
      actor: { account, userId, role: 'NONE' },
      place: SYSTEM_PLACE,
      metadata: { about, type },
      subjectId,
    })
  const { AuditLogRepository } = warden
  const paged = async (filter: AuditFilter, limit: number) => {
    const found: AuditLog[] = []
    for (let page: AuditLog[] | undefined; page === undefined || page.length === limit; found.push(...page))
      page = await AuditLogRepository.query({ ...filter, limit, beforeSeq: found.at(-1)?.seq })
    return found.map(({ seq }) => seq)
  }

  const property = fc.asyncProperty(
    fc.array(entry, { minLength: 1, maxLength: 40 }),
    fc.constantFrom(...people),
    fc.constantFrom(...people),
    fc.integer({ min: 1, max: 9 }),
    async (entries, one, other, limit) => {
      await Promise.all(entries.map(record))
      const all = (await AuditLogRepository.query({ limit: 1000 })) as AuditLog[]
      const cases: [AuditFilter, (entry: AuditLog) => boolean][] = [
        [{ by: one }, isBy(one)],
        [{ about: one }, isAbout(one)],
        [{ by: one, about: other }, (each) => isBy(one)(each) && isAbout(other)(each)],
        [
          { by: one, action: ['NOTE', 'ROLE_CHANGE'], category: 'ADMIN' },
          (each) => isBy(one)(each) && each.action === 'NOTE',
        ],
        [{ about: one, text: 'channel' }, (each) => isAbout(one)(each) && each.description.includes('channel')],
      ]
      for (const [filter, holds] of cases) {
        const expected = all.filter(holds).map(({ seq }) => seq)
        expect([filter, await paged(filter, limit)]).toEqual([filter, expected])
        expect(await AuditLogRepository.count(filter)).toBe(expected.length)
        const [, , ...rest] = expected
        const skipped = await AuditLogRepository.query({ ...filter, offset: 2, limit: 1000 })
        expect([filter, skipped.map(({ seq }) => seq)]).toEqual([filter, rest])
      }
    },
  )
  await fc.assert(property, { numRuns: 20 })
})
