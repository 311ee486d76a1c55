import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AuditQuery } from '../../src/audit/entry/audit-filter.ts'
import { EVENT_TYPES } from '../../src/audit/entry/event-types.ts'
import { seenByOwnersOnly } from '../../src/audit/entry/visibility.ts'
import { DAY } from '../../src/kernel/clock.ts'
import { ADMIN, OWNER, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { CLI, runNode } from '../support/child.ts'
import { codeIn } from '../support/confirming.ts'
import { environmentOf } from '../support/database.ts'
import { fileIn } from '../support/importing.ts'
import { shareWarden } from '../support/shared-warden.ts'

const HIDDEN = seenByOwnersOnly(EVENT_TYPES)
/** What says that there is a hold, or was. The name of an action that was looked for says nothing. */
const TRACE = /[Ll]egal hold|lost parcel|Asked for a confirmation/

/** Everything that an answer says, its files too. */
async function answer(warden: TestWarden, by: string, command: string): Promise<string> {
  const { replies } = await warden.say(by, `!config ${command}`)
  const files = replies.flatMap(({ attachment }) => (attachment?.kind === 'document' ? [attachment.path] : []))
  return [...replies.map(({ text }) => text), ...(await Promise.all(files.map((path) => readFile(path, 'utf8'))))].join(
    '\n',
  )
}

/** What another trail says of the same, in whichever letters. */
async function importAll(warden: TestWarden): Promise<void> {
  const lines = seenByOwnersOnly(EVENT_TYPES)
    .filter((action) => !action.startsWith('IMPORTED_'))
    .flatMap((action) => [
      action,
      action.toLowerCase(),
      `IMPORTED_${action}`,
      ` imported_IMPORTED_${action}\u0000`,
      action.replaceAll('_', '.'),
      action.replaceAll('I', '\u0130'),
    ])
    .map((action, n) => ({
      id: `there-${n}`,
      createdAt: '2026-06-01T10:00:00Z',
      action,
      description: 'Legal hold: the lost parcel',
      account: OWNER,
      resourceType: 'user',
      resourceId: ADMIN,
    }))
  const path = fileIn(warden, 'there.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const env = environmentOf(warden.path)
  expect(await runNode([CLI, 'import', path], { cwd: warden.folder, env })).toMatchObject({ code: 0 })
}

describe('legal holds are seen by owners alone:', () => {
  const shared = shareWarden({ env: { AUDIT_ARCHIVE: 'on' } })
  let hold: { seq: number; id: string }
  beforeAll(async () => {
    const { warden } = shared
    await warden.say(OWNER, `!config audit hold add ${STRANGER}`)
    // What goes by its age.
    await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
    shared.clock.advance(2 * DAY)
    expect(await warden.AuditLogRepository.deleteExpired(1)).toBeGreaterThan(0)
    await warden.say(
      OWNER,
      `!config confirm ${codeIn(await warden.ask(OWNER, `!config audit hold remove ${STRANGER}`))}`,
    )
    for (const subject of [ADMIN, USER]) await warden.say(OWNER, `!config audit hold add ${subject} the lost parcel`)
    await warden.say(OWNER, '!config audit hold list')
    const asked = await warden.ask(OWNER, `!config audit hold remove ${USER}`)
    await warden.say(OWNER, `!config confirm ${codeIn(asked)}`)
    const erasing = await warden.ask(OWNER, `!config audit erase ${STRANGER} the lost parcel`)
    await warden.say(OWNER, `!config confirm ${codeIn(erasing)}`)
    // What was erased is looked for in the archive, and not found.
    await warden.cleanupExpiredAuditLogs()
    await importAll(warden)
    const [first] = await warden.AuditLogRepository.findByAction('AUDIT_HOLD_ADD', 1)
    hold = first as typeof hold
  })

  test('every entry that only they may see is there to be seen', async () => {
    const counts = await Promise.all(HIDDEN.map((action) => shared.warden.AuditLogRepository.count({ action })))
    expect(HIDDEN.filter((_, n) => counts[n] === 0)).toEqual([])
  })

  test.each([
    'audit list',
    'audit list 30 category:CONFIG',
    'audit category CONFIG',
    'audit category ADMIN',
    `audit user ${OWNER}`,
    `audit history ${OWNER}`,
    `audit history ${ADMIN}`,
    'audit search text:parcel',
    `audit search target:${ADMIN}`,
    ...HIDDEN.map((action) => `audit search action:${action}`),
    `audit search action:${HIDDEN.join()},ROLE_CHANGE`,
    'audit stats',
    'audit mine',
  ])('%s', async (command) => {
    const seen = await answer(shared.warden, ADMIN, command)
    expect(seen).not.toMatch(TRACE)
    if (/stats|history/.test(command)) expect(seen).not.toMatch(new RegExp(HIDDEN.join('|')))
  })

  test.each(['audit list 30 category:CONFIG', `audit history ${OWNER}`, 'audit search text:parcel'])(
    'by an owner they are: %s',
    async (command) => {
      expect(await answer(shared.warden, OWNER, command)).toMatch(TRACE)
    },
  )

  test('their proofs', async () => {
    for (const entry of [hold.seq, hold.id]) {
      const none = await answer(shared.warden, ADMIN, 'audit proof 999999')
      expect(await answer(shared.warden, ADMIN, `audit proof ${entry}`)).toBe(none)
      expect(await answer(shared.warden, OWNER, `audit proof ${entry}`)).toMatch(TRACE)
    }
  })

  test('how many there are, in counts', async () => {
    const { warden } = shared
    const count = (filter: AuditQuery) => warden.AuditLogRepository.count(filter)
    const own = { category: 'CONFIG', action: HIDDEN } as const
    const [all, hidden] = [await count({ category: 'CONFIG' }), await count(own)]
    expect(hidden).toBeGreaterThan(0)
    const shown = async (by: string) => /CONFIG\D+(\d+)/.exec(await answer(warden, by, 'audit stats'))?.[1]
    expect([await shown(ADMIN), await shown(OWNER)]).toEqual([String(all - hidden), String(all)])
    expect(await answer(warden, ADMIN, `audit search category:CONFIG`)).not.toContain(`Found ${all} entries`)
  })

  test('that one was changed behind their back, in a verification', async () => {
    const { warden } = shared
    warden.sql(`UPDATE audit_holds SET subject = ? WHERE subject = ?`, '+15550009999', ADMIN)
    warden.sql(`UPDATE users SET name = 'x', role = 'OPERATOR' WHERE role = 'USER'`)
    expect(await answer(warden, OWNER, 'audit verify')).toContain('legal hold on +15550009999')
    const seen = await answer(warden, ADMIN, 'audit verify')
    // What is said of a hold is said of a role too.
    expect(seen.match(/• unlogged change: see chatwarden verify$/gm)).toHaveLength(3)
    expect(seen).not.toMatch(TRACE)
    warden.sql(`UPDATE audit_holds SET subject = ? WHERE subject = ?`, ADMIN, '+15550009999')
  })
})
