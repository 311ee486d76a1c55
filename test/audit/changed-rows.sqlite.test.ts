import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { MAX_LINE } from '../../src/audit/export/read-lines.ts'
import { OWNER, openWithUser, type TestWarden, USER } from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { tamper } from '../support/tamper.ts'

/** What stands where an entry's fields were, after somebody wrote into the database, and what is shown of it. */
const SHAPES: readonly (readonly [name: string, text: string])[] = [
  ['three thousand levels', `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`],
  ['two hundred thousand levels', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ['ten megabytes', JSON.stringify({ reason: '1 '.repeat(5_000_000) })],
  ['ten megabytes of spaces', `{${' '.repeat(10_000_000)}}`],
  ['very many values', `{"a":[${'1,'.repeat(200_000)}1]}`],
  ['no JSON', 'reason "reason" {'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '["reason"]'],
  ['U+0000', '{"reason":"x"}\0'],
  ['several lines', '{"reason":\n"x"}'],
  [
    'other kinds of values',
    '{"reason":{},"filters":7,"details":"x","clockTime":{},"operator":[],"requestedBy":5,"count":1e400}',
  ],
]

const fileOf = async (warden: TestWarden, command: string, which = 0): Promise<string> => {
  const { status, replies } = await warden.say(OWNER, `!config ${command}`)
  expect(status).toBe('answered')
  return readFile(replies[which]?.attachment?.path ?? '', 'utf8')
}

describe('entries that somebody changed into what nobody writes', () => {
  const shared = shareWarden()
  let changed: readonly number[] = []

  beforeAll(async () => {
    const { warden } = shared
    const place = { source: 'api' }
    const actor = { phoneNumber: USER, role: 'USER' } as const
    for (const queryType of ['before', ...SHAPES.map(() => 'changed'), 'after'])
      await warden.AuditLogger.record({ action: 'USAGE_QUERY', actor, place, metadata: { queryType, filters: {} } })
    for (const [at] of SHAPES.entries())
      await warden.say(OWNER, `!config whitelist ${at % 2 === 0 ? 'add' : 'remove'} ${USER}`)
    const seqs = (where: string) =>
      warden.sql<{ seq: number }>(`SELECT seq FROM audit_logs WHERE ${where} ORDER BY seq`).map(({ seq }) => seq)
    changed = seqs(`metadata LIKE '%"changed"%'`)
    const about = seqs(`action LIKE 'WHITELIST_%'`)
    tamper(warden.path, (database) => {
      for (const [at, [, text]] of SHAPES.entries())
        for (const seq of [changed[at], about[at]])
          database.prepare('UPDATE audit_logs SET metadata = ? WHERE seq = ?').run(text, seq)
      database.prepare('UPDATE audit_logs SET description = ? WHERE seq = ?').run('1 '.repeat(5_000_000), changed[0])
    })
  })

  test('keep nobody from their data: they are shown as what they are, and the others whole', async () => {
    const command = `audit dsar ${USER}`
    const [json, html] = [await fileOf(shared.warden, command), await fileOf(shared.warden, command, 1)]
    const { entries } = JSON.parse(json) as { entries: { seq: number; metadata: Record<string, unknown> }[] }
    expect(entries.map(({ metadata }) => metadata.queryType)).toEqual(expect.arrayContaining(['before', 'after']))
    const shown = changed.map((seq) => JSON.stringify(entries.find((entry) => entry.seq === seq)?.metadata))
    const isReadable = ['several lines', 'other kinds of values']
    for (const [at, [name]] of SHAPES.entries()) {
      if (isReadable.includes(name)) expect(shown[at], name).not.toContain('unreadableText')
      else expect(shown[at], name).toMatch(/^\{"unreadableText":".{0,1500}"\}$/)
    }
    expect(html).toContain('</html>')
    expect((await shared.warden.say(USER, '!config audit mine')).status).toBe('answered')
  })

  test.each(['audit list', `audit user ${USER}`, `audit history ${USER}`, 'audit search text:x', 'audit verify'])(
    'keep nobody from %s',
    async (command) => {
      expect((await shared.warden.say(OWNER, `!config ${command}`)).status).toBe('answered')
    },
  )

  test('leave exports that are what they are called, with no line that is longer than any entry', async () => {
    const { warden } = shared
    const array = JSON.parse(await fileOf(warden, 'audit export format:json')) as { seq: number }[]
    const lines = (await fileOf(warden, 'audit export format:jsonl')).trimEnd().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as { seq: number })
    for (const each of [array, entries])
      expect(each.map(({ seq }) => seq)).toEqual(expect.arrayContaining([...changed]))
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(MAX_LINE)
    const moderation = await fileOf(warden, 'audit export format:csv profile:moderation')
    expect(moderation.split('\n').length).toBeGreaterThan(array.length)
  })
})

test('an answer on its way that somebody wrote, and nobody can read, keeps nobody from being erased', async () => {
  const warden = await openWithUser()
  await warden.say(USER, '!config audit mine')
  warden.sql(
    `INSERT INTO outbox_messages (id, source, message, reply, created_at, seal) VALUES ('x', 'api', ?, '{', ?, '')`,
    `no JSON of ${USER}`,
    Date.now(),
  )
  const asked = await warden.ask(OWNER, `!config audit erase ${USER} gone`)
  const [, code] = /confirm (#?\w+)/.exec(asked) ?? []
  expect((await warden.say(OWNER, `!config confirm ${code}`)).status).toBe('answered')
  expect(warden.sql(`SELECT id FROM outbox_messages WHERE id = 'x'`)).toEqual([])
})
