import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ADMIN, OPERATOR, OWNER, OWNER2, openWithUser, STRANGER, USER } from '../support/chatwarden.ts'
import { codeIn } from '../support/confirming.ts'
import { idOf, linkAccount } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, stateOf, textOf } from '../support/trail.ts'

/** The other account of each. */
const OTHER = { [OWNER]: 'telegram:1', [OPERATOR]: 'telegram:3', [USER]: 'shop:user-4' } as const
const TWO_OWNERS = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }

async function openLinked(env: Record<string, string> = {}) {
  const warden = await openWithUser({ env })
  for (const [phone, account] of Object.entries(OTHER)) linkAccount(warden, account, phone)
  return warden
}

describe('somebody with more accounts than one', () => {
  const shared = shareWarden({ env: TWO_OWNERS })
  const linked = () => {
    for (const [phone, account] of Object.entries(OTHER))
      if (idOf(shared.warden, account) === undefined) linkAccount(shared.warden, account, phone)
    return shared.warden
  }
  const kindOf = (text: string, by: string) => linked().say(by, `!config ${text}`)

  test('has one role by each of them, and the trail says by which they acted and who it was', async () => {
    const warden = linked()
    const id = idOf(warden, OWNER)
    const { entries } = await entriesOf(warden, async () => {
      for (const by of [OWNER, OTHER[OWNER]]) expect((await kindOf('role list', by)).status).toBe('answered')
      // As a platform's own chat adapter names them.
      const sender = { id: OTHER[OWNER].replace('telegram:', '') }
      expect((await warden.say('', '!config role list', { source: 'telegram', sender })).status).toBe('answered')
    })
    expect(entries.map(({ account, phoneNumber, userId }) => ({ account, phoneNumber, userId }))).toEqual(
      [OWNER, OTHER[OWNER], OTHER[OWNER]].map((account) => ({ account, phoneNumber: account, userId: id })),
    )
    const newest = entries.map((entry) => entry.id).reverse()
    const by = await warden.AuditLogRepository.query({ by: { userId: id, accounts: [OWNER] }, limit: 3 })
    expect(by.map((entry) => entry.id)).toEqual(newest)
    const { path = '' } = (await kindOf(`audit history ${OWNER}`, OWNER2)).replies[0]?.attachment ?? {}
    expect(readFileSync(path, 'utf8').match(/USERS_VIEWED/g)).toHaveLength(newest.length)
  })

  test('of one platform is nobody on another', async () => {
    const warden = linked()
    const sender = { id: OTHER[OWNER].replace('telegram:', '') }
    const handled = await warden.say('', '!config role list', { source: 'signal', sender })
    expect(handled.status).toBe('denied')
  })

  test('may do nothing to themselves by one of them that they may not by the other', async () => {
    const warden = linked()
    const [phone, other] = [OWNER, OTHER[OWNER]]
    const before = stateOf(warden)
    for (const [by, target] of [
      [phone, other],
      [other, phone],
      [other, other],
    ] as const) {
      const { result, entries } = await entriesOf(warden, async () => [
        await kindOf(`role demote ${target} USER`, by),
        await kindOf(`role revoke ${target}`, by),
        await kindOf(`user block ${target}`, by),
      ])
      expect(result.map(({ status }) => status)).toEqual(['denied', 'denied', 'denied'])
      expect(entries.map(({ account, resourceId, metadata }) => [account, resourceId, metadata.reason])).toEqual([
        [by, target, 'OWN_ROLE'],
        [by, target, 'OWN_ROLE'],
        [by, target, 'SELF'],
      ])
      for (const { subjectId, userId } of entries) expect([subjectId, userId]).toEqual(Array(2).fill(idOf(warden, by)))
      shared.clock.advance(11 * 60_000)
    }
    expect(stateOf(warden)).toEqual(before)
  })

  test('is given a role by either, and is told of once, by their number', async () => {
    const warden = linked()
    const promoted = await kindOf(`role promote ${OTHER[USER]} ADMIN`, OWNER2)
    expect(promoted.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER }])
    expect(textOf(await kindOf('role list', OWNER2))).toContain(`• ${USER}`)
    expect(textOf(await kindOf('role list', OWNER2))).not.toMatch(/telegram|shop/)
    const info = textOf(await kindOf(`role info ${USER}`, OWNER2))
    expect(info).toContain('🎭 Role: ADMIN')
    const { entries } = await entriesOf(warden, () => kindOf(`role demote ${USER} USER`, OWNER2))
    expect(entries).toMatchObject([
      {
        action: 'ROLE_CHANGE',
        resourceId: USER,
        subjectId: idOf(warden, OTHER[USER]),
        metadata: { oldRole: 'ADMIN', newRole: 'USER' },
      },
    ])
  })

  test('is on the whitelist once, by whichever they were put there', async () => {
    const warden = linked()
    expect(textOf(await kindOf(`whitelist add ${OTHER[USER]}`, OWNER))).toContain('Added to the whitelist')
    expect(textOf(await kindOf(`whitelist add ${USER}`, OWNER))).toContain('is already on the whitelist')
    expect(textOf(await kindOf('whitelist list', OWNER)).match(/•.*/g)).toEqual([`• ${USER} (USER)`])
    await kindOf('set whitelist-mode on', OWNER)
    for (const by of [USER, OTHER[USER]]) expect((await kindOf('audit mine', by)).status).toBe('answered')
    await kindOf(`whitelist remove ${USER}`, OWNER)
    for (const by of [USER, OTHER[USER]]) expect((await kindOf('audit mine', by)).status).toBe('blocked')
    await kindOf('set whitelist-mode off', OWNER)
    expect(warden.sql('SELECT 1 FROM users WHERE whitelisted')).toEqual([])
  })

  test('is kept out by all of them when one is blocked, and told once', async () => {
    await kindOf(`user block ${OTHER[USER]} for 1h`, OWNER)
    const tries = [await kindOf('audit mine', USER), await kindOf('audit mine', OTHER[USER])]
    expect(tries.map(({ status, replies }) => [status, replies.length])).toEqual([
      ['blocked', 1],
      ['blocked', 0],
    ])
    // Another block, by whichever account, takes the place of the one before.
    const { entries } = await entriesOf(linked(), () => kindOf(`user block ${USER} for 2h`, OWNER))
    expect(entries.map(({ action, resourceId }) => [action, resourceId])).toEqual([
      ['USER_UNBLOCK', OTHER[USER]],
      ['USER_BLOCK', USER],
    ])
    expect(linked().sql('SELECT account FROM blocks')).toEqual([{ account: USER }])
    const lifted = await entriesOf(linked(), () => kindOf(`user unblock ${OTHER[USER]}`, OWNER))
    expect(lifted.entries.map(({ action, resourceId }) => [action, resourceId])).toEqual([['USER_UNBLOCK', USER]])
    for (const by of [USER, OTHER[USER]]) expect((await kindOf('audit mine', by)).status).toBe('answered')
  })

  test('has their denials counted together', async () => {
    const warden = linked()
    const { result, entries } = await entriesOf(warden, async () => {
      const tries = []
      for (let n = 0; n < 4; n++)
        for (const by of [OPERATOR, OTHER[OPERATOR]]) tries.push(await kindOf('whitelist list', by))
      return tries
    })
    expect(result.map(({ replies }) => replies.length)).toEqual([1, 1, 1, 1, 1, 0, 0, 0])
    expect(entries.map(({ account }) => account)).toEqual([
      OPERATOR,
      OTHER[OPERATOR],
      OPERATOR,
      OTHER[OPERATOR],
      OPERATOR,
    ])
  })

  test('goes on reading a list by the other', async () => {
    const warden = linked()
    for (let n = 0; n < 8; n++) await kindOf('role list', OWNER)
    const inGroup = (by: string, text: string) => warden.say(by, text, { chat: { id: 'team', kind: 'group' } })
    const first = await inGroup(OWNER, '!config audit list')
    const second = await inGroup(OTHER[OWNER], 'more')
    expect([first.status, second.status]).toEqual(['answered', 'answered'])
    expect((await inGroup(OWNER2, 'more')).status).not.toBe('answered')
  })

  test('is one OWNER: what takes another is neither asked nor confirmed by their other account', async () => {
    const asked = await kindOf('set retention-days 30', OTHER[OWNER])
    expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender', { account: OWNER2 }])
    const code = codeIn(asked.replies[1]?.text)
    for (const by of [OWNER, OTHER[OWNER]]) expect((await kindOf(`confirm ${code}`, by)).status).toBe('not-found')
    expect((await kindOf(`confirm ${code}`, OWNER2)).status).toBe('answered')
  })
})

test('one owner with two accounts is alone, and confirms alone', async () => {
  const warden = await openLinked()
  const asked = await warden.say(OWNER, '!config set retention-days 30')
  expect(asked.replies.map(({ audience }) => audience)).toEqual(['sender'])
  const confirmed = await warden.say(OTHER[OWNER], `!config confirm ${codeIn(textOf(asked))}`)
  expect(confirmed.status).toBe('answered')
})

test('messages by every account of somebody are counted together', async () => {
  const warden = await openLinked({ RATE_LIMIT_USER: '4' })
  const statuses = []
  for (const by of [USER, OTHER[USER], USER, OTHER[USER], USER, OTHER[USER]])
    statuses.push((await warden.say(by, '!config audit mine')).status)
  expect(statuses).toEqual([...Array<string>(4).fill('answered'), 'limited', 'limited'])
})

test('somebody who becomes a user is counted on from the denials of their account', async () => {
  const warden = await openWithUser()
  const deny = () => warden.say(STRANGER, '!config whitelist list')
  for (let n = 0; n < 5; n++) expect((await deny()).replies).toHaveLength(1)
  await warden.say(OWNER, `!config role promote ${STRANGER} USER`)
  expect((await deny()).replies).toHaveLength(0)
  expect(warden.sql('SELECT sender, counted FROM denial_windows')).toEqual([
    { sender: idOf(warden, STRANGER), counted: 1 },
  ])
})

test('a data request by one account holds what all of them did, and no account of somebody whose id is alike', async () => {
  const warden = await openLinked()
  const own = OTHER[USER]
  const others = [`${own}-5`, `${own}/5`, `${own}.5`, `my-${own}`, `${own}5`]
  await warden.say(USER, '!config audit mine')
  await warden.say(own, '!config audit mine')
  const ask = (queryType: string) => warden.AuditLogger.logUsageQuery({ performedBy: { account: own }, queryType })
  for (const other of others) await ask(`of ${other}, and of ${own}`)
  const { replies } = await warden.say(OWNER, `!config audit dsar ${own}`)
  const [json = '', html = ''] = replies.map(({ attachment }) => readFileSync(attachment?.path ?? '', 'utf8'))
  const { entries, subject } = JSON.parse(json)
  expect(subject).toBe(own)
  const views = entries.filter(({ action }: { action: string }) => action === 'AUDIT_LOG_VIEWED')
  expect(views.map(({ account }: { account: string }) => account)).toEqual([USER, own])
  for (const text of [json, html]) {
    for (const other of others) expect(text).not.toContain(other)
    expect(text).toContain(`, and of ${own}`)
  }
})

test('an account without a number is promoted, found, blocked, let in and answered of as a number is', async () => {
  const warden = await openWithUser()
  const account = 'shop:Käthe_%[*]\\(/42'
  const shown = 'shop:Käthe\u02CD%[\u2217]\\(/42'
  const ask = (text: string) => warden.ask(ADMIN, `!config ${text}`)
  expect(await ask(`role promote ${account} OPERATOR`)).toContain(`👤 User: ${shown}`)
  expect((await warden.say(account, '!config audit mine')).status).toBe('answered')
  // What a platform calls somebody is as it has it, and another case is somebody else.
  expect((await warden.say(account.toLowerCase(), '!config audit mine')).status).toBe('denied')
  expect(await ask('role list')).toContain(`• ${shown}`)
  await ask(`user block ${account} for 1h`)
  expect((await warden.say(account, '!config audit mine')).status).toBe('blocked')
  expect(await ask(`user unblock ${account}`)).toContain(shown)
  expect((await warden.say(account, '!config audit mine')).status).toBe('answered')
  const { replies } = await warden.say(OWNER, `!config audit dsar ${account}`)
  expect(JSON.parse(readFileSync(replies[0]?.attachment?.path ?? '', 'utf8'))).toMatchObject({ subject: account })
  const { AuditLogRepository } = warden
  expect(await AuditLogRepository.count({ account, action: 'AUDIT_LOG_VIEWED' })).toBe(2)
  await warden.say(OWNER, `!config role demote ${account} USER`)
  const asked = await warden.ask(OWNER, `!config audit erase ${account} "${account} wants it"`)
  expect((await warden.say(OWNER, `!config confirm ${codeIn(asked)}`)).status).toBe('answered')
  expect(await AuditLogRepository.count({ account, action: 'AUDIT_LOG_VIEWED' })).toBe(0)
  const [erasure] = await AuditLogRepository.findByAction('AUDIT_ERASURE')
  expect(erasure?.metadata).not.toContain('Käthe')
})

describe('the account of somebody whose number was hidden', () => {
  const LID = '777777777777771@lid'
  const from = (phone: string | undefined, id = LID) => ({
    source: 'whatsapp' as const,
    sender: { id, account: id, ...(phone !== undefined && { phone }) },
  })

  test('is let in though it was blocked by who may not block them, and owners are told', async () => {
    const warden = await openWithUser({ env: TWO_OWNERS })
    expect(textOf(await warden.say(OPERATOR, `!config user block ${LID} spam`))).toContain(`👤 User: whatsapp:${LID}`)
    expect((await warden.say('', '!config audit mine', from(undefined))).status).toBe('blocked')
    const { result, entries } = await entriesOf(warden, () => warden.say('', '!config role list', from(OWNER)))
    expect(result.status).toBe('answered')
    expect(
      entries.map(({ action, account, resourceId, subjectId }) => [action, account, resourceId, subjectId]),
    ).toEqual([
      ['IDENTITY_PINNED', OWNER, OWNER, idOf(warden, OWNER)],
      ['USER_UNBLOCK', 'SYSTEM', `whatsapp:${LID}`, idOf(warden, OWNER)],
      ['USERS_VIEWED', OWNER, null, null],
    ])
    expect(result.replies.slice(1)).toMatchObject([
      { audience: { account: OWNER2 }, text: expect.stringContaining('🔔 *A block has ended*') },
    ])
    expect(warden.sql('SELECT 1 FROM blocks')).toEqual([])
    expect(await warden.ask(OWNER2, '!config audit verify')).toContain('✅ *Internally consistent*')
  })

  test('stays blocked where who blocked it may block them, whatever number it turns out to have', async () => {
    const warden = await openWithUser({ env: TWO_OWNERS })
    await warden.say(OPERATOR, `!config user block ${LID}`)
    for (const phone of [USER, STRANGER, undefined])
      expect((await warden.say('', '!config audit mine', from(phone))).status).toBe('blocked')
    await warden.say(OWNER, `!config user block ${LID}`)
    for (const phone of [ADMIN, OPERATOR, OWNER2])
      expect((await warden.say('', '!config audit mine', from(phone))).status).toBe('blocked')
    expect(warden.sql('SELECT account FROM blocks')).toEqual([{ account: `whatsapp:${LID}` }])
  })

  test('has the role that it was given, and none by a number that is somebody else’s', async () => {
    const warden = await openWithUser({ env: TWO_OWNERS })
    await warden.say(OWNER, `!config role promote ${LID} ADMIN`)
    for (const phone of [undefined, '+15550009999'])
      expect((await warden.say('', '!config role list', from(phone))).status).toBe('answered')
    const { result, entries } = await entriesOf(warden, () => warden.say('', '!config role list', from(OPERATOR)))
    expect(result.status).toBe('denied')
    expect(entries).toMatchObject([{ action: 'IDENTITY_CHANGED', account: `whatsapp:${LID}`, userRole: 'NONE' }])
    expect(textOf(await warden.say(OWNER2, `!config role confirm ${OPERATOR}`))).toContain(
      'is somebody else with a role',
    )
    expect(await warden.ask(OWNER, '!config audit verify')).toContain('✅ *Internally consistent*')
  })
})

describe('an id that looks like a number or a LID', () => {
  test.each([
    { id: `${OWNER.slice(1)}@c.us` },
    { id: `${OWNER.slice(1)}:3@s.whatsapp.net` },
    { id: OWNER },
    { id: '99@lid' },
    { id: '5', account: '99@lid' },
  ])('is none on a platform where people choose what theirs looks like: %o', async (sender) => {
    const warden = await openWithUser({ env: TWO_OWNERS })
    await warden.say(OWNER, '!config role promote 99@lid ADMIN')
    const { result, entries } = await entriesOf(warden, () =>
      warden.say('', '!config role list', { source: 'irc', sender }),
    )
    expect(result.status).toBe('denied')
    const { id, account = id } = { account: undefined, ...sender }
    expect(entries).toMatchObject([{ action: 'PERMISSION_DENIED', account: `irc:${account}`, userRole: 'NONE' }])
  })
})
