import { expect, test } from 'vitest'
import { auditEvent } from '../../../src/audit/entry/entry.ts'
import { ADMIN, FakeClock, openTestWarden } from '../../support/chatwarden.ts'
import { actor } from '../../support/in-order.ts'
import { findingsIn, keyIn, tamper } from '../../support/tamper.ts'
import { openWriter } from '../../support/writer.ts'

/** More than a call of a function takes arguments. */
const MANY = 150_000
const BATCH = 1000

test('one entry that is gone, by which all that somebody did was right, ends no verification', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  const { writer } = await openWriter(warden, clock)
  const admin = await actor(warden, ADMIN)
  for (let done = 0; done < MANY; done += BATCH)
    await writer.append(
      ...Array.from({ length: BATCH }, (_, n) =>
        auditEvent('AUDIT_KEY_VIEWED', admin, { source: 'whatsapp', channelId: ADMIN, requestId: `${done + n}` }, {}),
      ),
    )
  await warden.close()
  tamper(warden.path, (database) => database.exec(`DELETE FROM audit_logs WHERE resource_id = '${ADMIN}'`))
  const findings = await findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })
  expect(findings.filter(({ kind }) => kind === 'unfounded act')).toHaveLength(MANY)
  expect(findings.map(({ kind }) => kind)).toContain('missing')
})
