import { describe, expect, test } from 'vitest'
import { auditEvent, SYSTEM } from '../../../src/audit/entry/entry.ts'
import { digestOfHeld } from '../../../src/audit/remove/obeyed.ts'
import { removeExpired } from '../../../src/audit/remove/retention.ts'
import { StoredTrail } from '../../../src/audit/verify/stored-trail.repository.ts'
import { DAY } from '../../../src/kernel/clock.ts'
import { openSnapshot } from '../../../src/storage/snapshot.ts'
import { ADMIN, OPERATOR, OWNER, OWNER2, STRANGER, USER } from '../../support/chatwarden.ts'
import { codeFor } from '../../support/confirming.ts'
import { urlOf } from '../../support/database.ts'
import { actor, answered, cleanUp, giveRole, LID, note, openInOrder } from '../../support/in-order.ts'
import { fromAccount } from '../../support/rich-trail.ts'
import { copyOf, findingsIn, keyIn, tamper } from '../../support/tamper.ts'
import { entriesOf } from '../../support/trail.ts'
import { openWriter } from '../../support/writer.ts'

describe('nothing is said of what is as it should be:', () => {
  test('an owner who confirms that they step down, and loses an account by it', async () => {
    const { warden, say, findings } = await openInOrder([OWNER, OWNER2])
    await warden.say(OWNER2, '!config role list', fromAccount(OWNER2, LID))
    const asked = await say(OWNER, `role demote ${OWNER2} USER`)
    const code = codeFor(asked, OWNER2)
    const { result, entries } = await entriesOf(warden, () =>
      warden.say(OWNER2, `!config confirm ${code}`, fromAccount(OWNER2, LID)),
    )
    expect(result.status).toBe('answered')
    expect(entries.map(({ action }) => action)).toEqual(['CONFIRMATION_GIVEN', 'ROLE_CHANGE', 'IDENTITY_FORGOTTEN'])
    expect(await findings()).toEqual([])
  })

  test('who wrote just after the whitelist counted, to a process that had not heard of it', async () => {
    const { warden, clock, say, findings } = await openInOrder()
    const { writer } = await openWriter(warden, clock)
    await say(OWNER, 'set whitelist-mode on')
    const view = async (requestId: string) => {
      const place = { source: 'whatsapp', channelId: USER, requestId }
      await writer.append(auditEvent('AUDIT_LOG_VIEWED', await actor(warden, USER), place, { filters: { mine: true } }))
    }
    await view('at once')
    clock.advance(5000)
    await view('a little later')
    expect(await findings()).toEqual([])
    clock.advance(DAY)
    await view('the day after')
    expect(await findings()).toHaveLength(1)
  })

  test('what somebody did by a role of which every entry has gone since, where a hold keeps it', async () => {
    const opened = await openInOrder()
    const { warden, clock, say, findings } = opened
    await say(OWNER, `audit hold add ${STRANGER}`)
    await say(OPERATOR, `user block ${STRANGER}`)
    clock.advance(DAY)
    await say(OWNER, `role demote ${OPERATOR} USER`)
    clock.advance(DAY)
    await say(OWNER, `role promote ${OPERATOR} ADMIN`)
    await cleanUp(opened)
    expect(warden.sql(`SELECT 1 FROM audit_logs WHERE user_role = 'OPERATOR'`)).toHaveLength(1)
    expect(await findings()).toEqual([])
  })

  test('what somebody did after the cutoff by a role of before it, which they lost since', async () => {
    const opened = await openInOrder()
    const { clock, say, findings } = opened
    await note(opened, STRANGER)
    clock.advance(80 * DAY)
    await answered(opened, OPERATOR, `user block ${STRANGER}`)
    await say(OWNER, `role demote ${OPERATOR} USER`)
    clock.advance(DAY)
    await say(OWNER, `user unblock ${STRANGER}`)
    await cleanUp(opened, 80 * DAY)
    expect(await findings()).toEqual([])
  })

  test('an act whose confirmation was a moment older than the cutoff, and the removal of an archive whose look at the holds was', async () => {
    const { warden, clock, say, findings } = await openInOrder()
    const { writer } = await openWriter(warden, clock)
    const owner = await actor(warden, OWNER)
    const place = { source: 'whatsapp', channelId: OWNER, requestId: 'a message' }
    for (const subject of ['ALL', STRANGER]) await say(OWNER, `audit hold add ${subject}`)
    const asked = { command: 'audit hold remove', subject: 'ALL' }
    const until = new Date(clock.time + 365 * DAY).toISOString()
    const [request] = await writer.append(
      auditEvent('CONFIRMATION_REQUESTED', owner, place, { ...asked, until, seals: ['x'] }),
    )
    await writer.append(
      auditEvent('CONFIRMATION_GIVEN', owner, place, {
        ...asked,
        request: request?.seq ?? -1,
        requestedBy: OWNER,
        seal: 'x',
      }),
    )
    clock.advance(1)
    await writer.append(auditEvent('AUDIT_HOLD_REMOVE', owner, place, { subject: 'ALL', requestedBy: OWNER }))
    warden.sql("DELETE FROM audit_holds WHERE subject = 'ALL'")
    const by = [SYSTEM, { source: 'cli' }] as const
    clock.advance(1)
    await writer.append(
      auditEvent('AUDIT_HOLDS_OBEYED', ...by, {
        digest: digestOfHeld({ accounts: new Set([STRANGER]), userIds: new Set() }),
      }),
    )
    clock.advance(1)
    await writer.append(auditEvent('AUDIT_ARCHIVE_REMOVED', ...by, { archive: 'x', entryCount: 3, years: 7 }))
    expect(await findings()).toEqual([])
    const before = clock.time + 90 * DAY
    for (const early of [2, 0]) {
      clock.time = before - early
      expect(await warden.cleanupExpiredAuditLogs()).toBeGreaterThan(0)
      expect(await findings()).toEqual([])
    }
    expect(warden.sql("SELECT 1 FROM audit_logs WHERE action = 'AUDIT_ARCHIVE_REMOVED'")).toHaveLength(1)
    expect(warden.sql("SELECT 1 FROM audit_logs WHERE action = 'CONFIRMATION_GIVEN'")).toEqual([])
  })

  test('a clean-up during which a hold begins on who had set what another took back', async () => {
    const { warden, clock, say, findings } = await openInOrder()
    await say(ADMIN, `user block ${STRANGER}`)
    await say(OWNER, `user unblock ${STRANGER}`)
    const { writer, logs } = await openWriter(warden, clock)
    clock.advance(91 * DAY)
    const kept = async (...old: Parameters<typeof logs.keptForGood>) => {
      const found = await logs.keptForGood(...old)
      if (!warden.sql('SELECT 1 FROM audit_holds').length) await say(OWNER, `audit hold add ${ADMIN}`)
      return found
    }
    const ages = {
      lastOlderThan: (moment: Date, now: number) => logs.lastOlderThan(moment, now),
      heldDigest: () => logs.heldDigest(),
    }
    const trust = { settle: async () => true }
    await removeExpired({ writer, logs: { ...ages, keptForGood: kept }, clock, trust, archive: undefined }, 90)
    expect(await findings()).toEqual([])
  })
})

describe('what is not signed keeps nothing from being found:', () => {
  test.each([
    [
      'a retention of the future',
      'AUDIT_RETENTION',
      { ranges: [[0, 0]], cutoff: '2099-01-01T00:00:00.000Z', retentionDays: 1, deletedCount: 0 },
    ],
    ['what brought everything back', 'AUDIT_RESTORED', { ranges: [[0, 1000]], archive: 'x', entryCount: 1001 }],
  ])('%s', async (_what, action, metadata) => {
    const opened = await openInOrder()
    const { warden, findings } = opened
    warden.sql(giveRole(USER, 'ADMIN'))
    await answered(opened, USER, 'audit list')
    warden.sql(giveRole(USER, 'USER'))
    for (const seq of [-5, 500]) {
      const columns =
        'seq, id, created_at, source, category, action, description, account, user_role, metadata, nonce, leaf_hash'
      warden.sql(
        `INSERT INTO audit_logs (${columns}) SELECT ${seq}, '01a00000-0000-7000-8000-00000000000${seq === 500 ? 1 : 2}', created_at, 'system', category,
         '${action}', 'x', 'SYSTEM', 'SYSTEM', '${JSON.stringify(metadata)}', nonce, leaf_hash FROM audit_logs WHERE seq = 0`,
      )
    }
    const found = await findings()
    expect(found.map(({ kind }) => kind)).toContain('unfounded act')
    expect(found.filter(({ kind }) => kind === 'inserted')).toHaveLength(2)
  })

  test.each(['null', '{}', '[]', '"x"', '{"ranges":5}', '{"ranges":[5,[1,2],[null,"3"]]}', '{'])(
    'where the tree is gone, %s says nothing, and ends nothing',
    async (metadata) => {
      const { warden, clock } = await openInOrder()
      await warden.close()
      const actions = [
        'ROLE_CHANGE',
        'AUDIT_RETENTION',
        'AUDIT_ERASURE',
        'AUDIT_RESTORED',
        'AUDIT_HOLD_ADD',
        'CONFIRMATION_REQUESTED',
      ]
      for (const action of actions) {
        const path = copyOf(warden.path, (database) => {
          database.exec(`UPDATE audit_logs SET action = '${action}', metadata = '${metadata}' WHERE seq = 1`)
          database.exec('DELETE FROM audit_tiles WHERE level = 0')
        })
        await fitHash(path, 1)
        const findings = await findingsIn(path, { keys: [keyIn(warden.folder)], now: clock.time })
        expect(findings.map(({ kind }) => kind)).toContain('altered')
        expect(findings.filter(({ kind }) => kind === 'unfounded act')).toEqual([])
      }
    },
  )
})

/** Whoever can write to the database makes a row's own hash fit. */
async function fitHash(path: string, seq: number): Promise<void> {
  const snapshot = await openSnapshot(urlOf(path))
  const [entry] = await new StoredTrail(snapshot).entries(seq - 1, 1)
  await snapshot.close()
  tamper(path, (database) =>
    database.prepare('UPDATE audit_logs SET leaf_hash = ? WHERE seq = ?').run(entry?.leaf, seq),
  )
}
