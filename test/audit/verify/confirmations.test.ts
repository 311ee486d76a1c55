import { describe, expect, test } from 'vitest'
import { auditEvent } from '../../../src/audit/entry/entry.ts'
import { sealOf } from '../../../src/commands/confirmation.repository.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import { OWNER, OWNER2, STRANGER, USER } from '../../support/chatwarden.ts'
import { actor, cleanUp, note, type Opened, openInOrder } from '../../support/in-order.ts'
import { tamper } from '../../support/tamper.ts'
import { openWriter } from '../../support/writer.ts'

describe('a confirmation is one of what was asked for:', () => {
  const place = { source: 'whatsapp', channelId: OWNER, requestId: 'a message' } as const
  const hash = 'ab'.repeat(32)
  const seal = '12'.repeat(32)

  test.each<
    [what: string, given: Readonly<Record<string, unknown>> | undefined, by: string, about: RegExp | undefined]
  >([
    ['by who is named', {}, OWNER2, undefined],
    ['by nobody', undefined, OWNER2, /^AUDIT_ERASURE: nobody had asked for it/],
    ['by somebody else', { requestedBy: OWNER2 }, OWNER2, /^nobody had asked for what it confirms/],
    ['something else', { command: 'audit hold remove' }, OWNER2, /^nobody had asked for what it confirms/],
    ['about something else', { subject: 'cd'.repeat(32) }, OWNER2, /^nobody had asked for what it confirms/],
    ['with another code', { seal: 'ef'.repeat(32) }, OWNER2, /^nobody had asked for what it confirms/],
    ['by another entry', { request: 0 }, OWNER2, /^nobody had asked for what it confirms/],
    ['by no entry', { request: 10_000 }, OWNER2, /^nobody had asked for what it confirms/],
    ['and confirmed by themself', {}, OWNER, /^AUDIT_ERASURE by .* alone, and there were 2 owners/],
  ])('asked for %s', async (_what, given, by, about) => {
    const { warden, clock, findings } = await openInOrder([OWNER, OWNER2])
    const { writer } = await openWriter(warden, clock)
    const asked = { command: 'audit erase', subject: hash }
    const request = await writer.append(
      auditEvent('CONFIRMATION_REQUESTED', await actor(warden, OWNER), place, {
        ...asked,
        until: new Date(clock.time + DAY).toISOString(),
        seals: [seal],
      }),
    )
    const said = { request: request[0]?.seq ?? -1, ...asked, requestedBy: OWNER, seal, ...given }
    const erasure = { subjectHash: hash, ranges: [], erasedCount: 0, requestedBy: OWNER }
    const confirmer = await actor(warden, by)
    await writer.append(
      ...(given === undefined ? [] : [auditEvent('CONFIRMATION_GIVEN', confirmer, place, said)]),
      auditEvent('AUDIT_ERASURE', confirmer, place, erasure),
    )
    const found = await findings()
    if (about === undefined) expect(found).toEqual([])
    else expect(found).toMatchObject([{ kind: 'unfounded act', about: expect.stringMatching(about) }])
    // A second time nobody has asked.
    if (about !== undefined) return
    await writer.append(auditEvent('CONFIRMATION_GIVEN', confirmer, place, said))
    expect(await findings()).toMatchObject([{ about: 'nobody had asked for what it confirms' }])
  })

  test('of two requests for the same by the same person the first can be confirmed no more', async () => {
    const { warden, clock, findings } = await openInOrder([OWNER, OWNER2])
    const { writer } = await openWriter(warden, clock)
    const asked = { command: 'audit erase', subject: hash }
    const until = new Date(clock.time + DAY).toISOString()
    const ask = async (by: string) =>
      writer.append(
        auditEvent('CONFIRMATION_REQUESTED', await actor(warden, by), place, { ...asked, until, seals: [seal] }),
      )
    const [first] = await ask(OWNER)
    await ask(OWNER2)
    const confirm = async (request = -1) =>
      writer.append(
        auditEvent('CONFIRMATION_GIVEN', await actor(warden, OWNER2), place, {
          ...asked,
          request,
          requestedBy: OWNER,
          seal,
        }),
      )
    const [again] = await ask(OWNER)
    await confirm(again?.seq)
    expect(await findings()).toEqual([])
    await confirm(first?.seq)
    expect(await findings()).toMatchObject([{ about: 'nobody had asked for what it confirms' }])
  })

  test('what takes a code has one, and what takes two owners too', async () => {
    const { warden, clock, findings } = await openInOrder([OWNER, OWNER2])
    const { writer } = await openWriter(warden, clock)
    const owner = await actor(warden, OWNER)
    const erasure = { subjectHash: hash, ranges: [], erasedCount: 0 }
    await writer.append(auditEvent('AUDIT_ERASURE', owner, place, erasure))
    expect(await findings()).toMatchObject([{ about: 'AUDIT_ERASURE was not confirmed' }])
    // The program around the bot, and whoever runs it, decide alone.
    await writer.append(auditEvent('AUDIT_ERASURE', { account: 'SYSTEM', role: 'SYSTEM' }, { source: 'cli' }, erasure))
    expect(await findings()).toHaveLength(1)
    const performedBy = { phoneNumber: OWNER }
    await warden.UserRepository.changeRole({ performedBy, phoneNumber: USER, newRole: 'OWNER' })
    expect(await findings()).toHaveLength(1)
  })
})

/** Behind the bot's back, by who can drop triggers too: `warden.sql` meets those that are there. */
const asOwnerOf = ({ warden }: Opened, sql: string): void =>
  tamper(warden.path, (database) => {
    for (const each of sql.split(';')) database.exec(each)
  })

describe('a request that somebody writes into the trail, for a code of their own, takes nothing along:', () => {
  const CODE = '123456'

  /** In the place of an entry that was there, or is no more: as if OWNER2 had asked, for OWNER to confirm. */
  async function forge(opened: Opened, seq: number, command: string, subject: string, values: object): Promise<void> {
    const { warden, clock } = opened
    const [asker, confirmer] = [await actor(warden, OWNER2), await actor(warden, OWNER)]
    const until = new Date(clock.time + DAY)
    const request = {
      requestId: 'forged',
      requestedBy: asker.userId ?? '',
      command,
      values: { ...values },
      subject,
      what: 'x',
      expiresAt: until,
    }
    const seal = sealOf({ ...request, confirmer: confirmer.userId ?? '', code: CODE })
    const metadata = JSON.stringify({ command, seals: [seal], subject, until: until.toISOString() })
    const columns =
      'seq, id, created_at, source, category, action, description, account, user_id, user_role, resource_type, resource_id, metadata, nonce, leaf_hash'
    asOwnerOf(
      opened,
      `DELETE FROM audit_logs WHERE seq = ${seq};
       INSERT INTO audit_logs (${columns}) SELECT ${seq}, '01a00000-0000-7000-8000-000000000000', created_at, 'whatsapp', 'ADMIN',
         'CONFIRMATION_REQUESTED', 'x', '${OWNER2}', '${asker.userId}', 'OWNER', 'user', '${STRANGER}', '${metadata}', nonce, leaf_hash
       FROM audit_logs WHERE seq = 0;
       INSERT INTO confirmations (confirmer, code, request_id, requested_by, command, arguments, subject, what, request_seq, expires_at)
       SELECT '${confirmer.userId}', '${CODE}', 'forged', '${asker.userId}', '${command}', '${JSON.stringify(values)}', '${subject}', 'x', ${seq},
         ${until.getTime()} FROM audit_logs WHERE seq = 0`,
    )
  }

  test.each(['of whom it erases', 'that a clean-up had removed'])('in the place of an entry %s', async (where) => {
    const opened = await openInOrder([OWNER, OWNER2])
    await note(opened, STRANGER)
    const [of] = await opened.warden.AuditLogRepository.findByAction('CONVERSATION_RESET')
    if (where === 'that a clean-up had removed') {
      await cleanUp(opened)
      await note(opened, STRANGER)
    }
    expect(await opened.findings()).toEqual([])
    // What stands for whom it is about, as a request of before had it.
    const asked = await opened.warden.say(OWNER, `!config audit erase ${STRANGER}`)
    expect(asked.status).toBe('answered')
    const [{ metadata = '' } = {}] = await opened.warden.AuditLogRepository.findByAction('CONFIRMATION_REQUESTED')
    const { subject } = JSON.parse(metadata)
    await forge(opened, of?.seq ?? -1, 'audit erase', subject, { target: STRANGER, reason: '' })
    // It would be among what goes, and is not what was signed.
    expect((await opened.say(OWNER, `confirm ${CODE}`)).status).toBe('failed')
    expect(await opened.warden.AuditLogRepository.count({ action: 'AUDIT_ERASURE' })).toBe(0)
    expect(await opened.findings()).not.toEqual([])
  })
})
