import { beforeAll, describe, expect, test } from 'vitest'
import { draft } from '../../src/audit/entry/draft.ts'
import { type AuditLog, auditEvent } from '../../src/audit/entry/entry.ts'
import { EVENT_TYPES } from '../../src/audit/entry/event-types.ts'
import { fromLine, toLine } from '../../src/audit/write/spool-line.ts'
import { ADMIN, OPERATOR, OWNER, openWithUser, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { idOf } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, refuseEntries } from '../support/trail.ts'

const who = ({ account, userId, userRole }: Pick<AuditLog, 'account' | 'userId' | 'userRole'>) => [
  account,
  userId,
  userRole,
]

describe('whom a host names by an account alone', () => {
  const shared = shareWarden()
  beforeAll(() => shared.warden.say(OWNER, '!config role promote telegram:42 OPERATOR'))

  test.each([
    [{ phoneNumber: ADMIN }, ADMIN, 'ADMIN'],
    [{ phoneNumber: ADMIN.slice(1) }, ADMIN, 'ADMIN'],
    [{ account: `${OWNER.slice(1)}@c.us` }, OWNER, 'OWNER'],
    [{ account: 'telegram:42' }, 'telegram:42', 'OPERATOR'],
    [{ phoneNumber: USER, name: 'Una' }, USER, 'USER'],
  ])('%j is the person whose it is, with their role', async (person, account, role) => {
    const { warden } = shared
    const id = idOf(warden, account)
    const { AuditLogger, AuditLogRepository } = warden
    const { entries } = await entriesOf(warden, async () => {
      await AuditLogger.logUsageQuery({ performedBy: person, queryType: 'costs' })
      await AuditLogger.logModerationFlag({ user: person, flaggedCategories: ['spam'] })
      await AuditLogger.logRateLimitViolation({ ...person, limitType: 'user' })
      await AuditLogger.logPermissionDenied({ ...person, action: 'X' })
      await AuditLogRepository.create({ action: 'CONVERSATION_RESET', ...person })
    })
    expect(entries.map(who)).toEqual(Array.from({ length: 5 }, () => [account, id, role]))
    const found = await AuditLogRepository.findByUser(id ?? '', 5)
    expect(found.map(({ seq }) => seq).sort()).toEqual(entries.map(({ seq }) => seq).sort())
  })

  test('nobody knows is nobody', async () => {
    const { warden } = shared
    const { entries } = await entriesOf(warden, () =>
      warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: STRANGER }, queryType: 'costs' }),
    )
    expect(entries.map(who)).toEqual([[STRANGER, null, 'NONE']])
  })

  test.each([
    [{ id: 'user_123', role: 'moderator' }, ['user_123', 'moderator']],
    [{ id: 'user_123' }, ['user_123', 'ADMIN']],
    [{ role: 'moderator' }, [expect.stringContaining('-'), 'moderator']],
    [{ role: 'NONE' }, [null, 'NONE']],
    // As a program in JavaScript may have them.
    [{ id: null as unknown as undefined, role: '' }, [expect.stringContaining('-'), 'ADMIN']],
  ])('is who the host says where it says more: %j', async (more, expected) => {
    const { warden } = shared
    const { entries } = await entriesOf(warden, () =>
      warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: ADMIN, ...more } }),
    )
    expect(entries.map(who)).toEqual([[ADMIN, ...expected]])
  })

  test('is the person acted upon too', async () => {
    const { warden } = shared
    const { entries } = await entriesOf(warden, async () => {
      const [performedBy, targetUser] = [{ phoneNumber: OWNER }, { phoneNumber: USER }]
      await warden.AuditLogger.logRoleChange({ performedBy, targetUser, oldRole: 'USER', newRole: 'USER' })
      await warden.AuditLogger.logWhitelistChange({ performedBy, targetPhoneNumber: USER, action: 'ADD' })
      await warden.AuditLogger.logAuditLogViewed({ performedBy, filters: { phoneNumber: STRANGER } })
      const metadata = { targetUser: `${USER.slice(1)}@c.us` }
      await warden.AuditLogRepository.create({ action: 'USER_UNBLOCK', phoneNumber: OWNER, metadata })
    })
    expect(entries.map(({ resourceId, subjectId }) => [resourceId, subjectId])).toEqual([
      [USER, idOf(warden, USER)],
      [USER, idOf(warden, USER)],
      [STRANGER, null],
      [`${USER.slice(1)}@c.us`, idOf(warden, USER)],
    ])
  })
})

/** Reports without waiting, and changes the role in the commit before. */
test('has the role of the moment at which it is written', async () => {
  const warden = await openWithUser()
  const report = () => warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: USER }, queryType: 'x' })
  const all = [report(), warden.say(OWNER, `!config role promote ${USER} OPERATOR`).then(report)]
  await Promise.all(all)
  const entries = await warden.AuditLogRepository.findByAction('USAGE_QUERY')
  expect(entries.map(({ userRole }) => userRole).sort()).toEqual(['OPERATOR', 'USER'])
})

test('is looked up when what waited is written', async () => {
  const warden: TestWarden = await openWithUser()
  const allow = refuseEntries(warden)
  const report = (phoneNumber: string) =>
    warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber }, queryType: 'x' })
  expect(await report(OPERATOR)).toBe('spooled')
  allow()
  await warden.AuditLogger.flush()
  const [entry] = await warden.AuditLogRepository.findByAction('USAGE_QUERY', 1)
  expect(entry && who(entry)).toEqual([OPERATOR, idOf(warden, OPERATOR), 'OPERATOR'])
  expect(entry?.metadata).toContain('observedAt')
})

test('is still to be looked up in a line of the spool', () => {
  const event = auditEvent('CONVERSATION_RESET', { account: ADMIN, role: 'NONE', lookUp: true }, { source: 'api' }, {})
  const waiting = draft(event, EVENT_TYPES, 0)
  expect(waiting.lookUp).toEqual(['actor'])
  expect(fromLine(toLine(waiting))).toEqual(waiting)
})
