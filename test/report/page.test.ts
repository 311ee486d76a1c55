import { describe, expect, test } from 'vitest'
import { HOUR } from '../../src/kernel/clock.ts'
import { OWNER, STRANGER } from '../support/chatwarden.ts'
import { NOW, openForReports } from '../support/report.ts'

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  '</style>&lt;',
]

describe('the page of a report', () => {
  test('holds what strangers wrote as text, wherever they wrote it', async () => {
    const { warden, clock, page } = await openForReports()
    clock.time = NOW - HOUR
    for (const name of HOSTILE) {
      const user = { id: name, phoneNumber: STRANGER, name }
      await warden.AuditLogger.logModerationFlag({ user, flaggedCategories: [name] })
      await warden.AuditLogger.logPermissionDenied({ phoneNumber: name, action: name })
      warden.sql('UPDATE users SET name = ? WHERE id = (SELECT user_id FROM accounts WHERE account = ?)', name, OWNER)
      await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
    }
    clock.time = NOW
    const html = await page('weekly')
    const tags = new Set([...html.matchAll(/<\/?([^\s>/]*)/g)].map(([, tag]) => tag))
    const ours = 'html head meta title style body h1 h2 p section table thead tbody tr th td figure svg text rect ul li'
    expect([...tags].sort()).toEqual(['!doctype', ...ours.split(' ')].sort())
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toMatch(/<[^>]*\son[a-z]+=/)
  })

  test('needs nothing from elsewhere, and forbids it', async () => {
    const { clock, flag, page } = await openForReports()
    await flag(NOW - HOUR)
    clock.time = NOW
    const html = await page()
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(html).not.toMatch(/https?:|src=|href=|url\(|@import|<script/)
  })

  test('draws every hour, and those without any entry otherwise', async () => {
    const { clock, flag, page } = await openForReports()
    await flag(NOW - 3 * HOUR, 4)
    clock.time = NOW
    const html = await page()
    expect(html.match(/<rect class="bar"/g)).toHaveLength(1)
    expect(html.match(/<rect class="none"/g)).toHaveLength(23)
    expect(html).toContain('<title>2026-06-15 09:00: 4</title>')
    expect(html).toContain('<li>2026-06-14 12:00 to 2026-06-15 09:00 (21 hours)</li>')
    expect((await page('weekly')).match(/<rect/g)).toHaveLength(168)
  })

  test('replaces an older one as a whole', async () => {
    const { clock, flag, page } = await openForReports()
    await flag(NOW - HOUR, 60)
    clock.time = NOW
    const first = await page()
    clock.advance(48 * HOUR)
    const second = await page()
    expect(second.length).toBeLessThan(first.length)
    expect(second).toMatch(/<\/html>\n$/)
  })
})

describe('the text of a report', () => {
  test('holds nothing that a terminal would obey', async () => {
    const { warden, clock, flag, text } = await openForReports()
    await flag(NOW - HOUR)
    clock.time = NOW
    const evil = 'a\u001b[2J\u0007\nb\u202Ec'
    warden.sql(
      `INSERT INTO audit_logs SELECT 100000, 'x', created_at, source, category, action, ?, ?, account, ?, user_role,
       resource_type, resource_id, subject_id, channel_id, request_id, ip_address, user_agent, metadata, nonce, leaf_hash
       FROM audit_logs WHERE seq = 4`,
      evil,
      evil,
      evil,
    )
    const printed = await text()
    expect(printed).toContain('a [2J b c')
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})
