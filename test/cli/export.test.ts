import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../src/app/usage-error.ts'
import { run } from '../../src/cli/export.ts'
import { run as runVerify } from '../../src/cli/verify-export.ts'
import { OWNER, temporaryFolder } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { environmentOf } from '../support/database.ts'
import { shareWarden } from '../support/shared-warden.ts'

const shared = shareWarden()
beforeAll(async () => {
  for (const queryType of ['two words', 'say "hi" now', 'words two'])
    await shared.warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: OWNER }, queryType })
})

const env = () => environmentOf(shared.warden.path)

/** What an export with these words holds; it is also what verify-export takes. */
async function exported(words: readonly string[], name = 'some.json'): Promise<Buffer> {
  const path = join(temporaryFolder(), name)
  expect(await onCommandLine(() => run([...words, '--to', path]), env())).toMatchObject({ code: 0 })
  expect(await onCommandLine(() => runVerify([path]), env())).toMatchObject({ code: 0 })
  return readFileSync(path)
}

const queriesIn = (content: Buffer): unknown[] =>
  (JSON.parse(content.toString()) as { metadata: { queryType?: string } }[]).flatMap(
    ({ metadata }) => metadata.queryType ?? [],
  )

describe('chatwarden export', () => {
  test.each([
    [['text:two words'], ['two words']],
    [['text:"two words"'], ['two words']],
    [['text:say "hi" now'], ['say "hi" now']],
    [
      ['text:words', 'action:USAGE_QUERY'],
      ['words two', 'two words'],
    ],
  ])('takes words as a shell gives them: %j', async (words, queries) => {
    expect(queriesIn(await exported(words))).toEqual(queries)
  })

  test('is in the format that is said, by whichever way, under whatever name', async () => {
    expect((await exported(['format:csv'], 'some.csv')).toString()).toMatch(/^id,seq,/)
    expect((await exported(['format:csv'], 'some.txt')).toString()).toMatch(/^id,seq,/)
    expect((await exported([], 'some.csv')).toString()).toMatch(/^id,seq,/)
    expect(gunzipSync(await exported(['--format', 'jsonl.gz'], 'some.jsonl')).toString()).toMatch(/^{"seq":0,/)
    expect((await exported(['--format', 'jsonl'], 'some.jsonl.gz')).toString()).toMatch(/^{"seq":0,/)
  })

  test.each([[['--bom']], [['bom:yes']], [['format:csv', 'bom:Yes', 'profile:moderation']]])(
    'begins a CSV with a byte order mark where one is asked for: %j',
    async (words) => {
      const marked = await exported(words, 'excel.csv')
      expect([...marked.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
      const plain = await exported(
        words.filter((word) => !/bom/i.test(word)),
        'plain.csv',
      )
      expect(marked.subarray(3).toString().split('\r\n')[0]).toBe(plain.toString().split('\r\n')[0])
      expect((await exported(['bom:no'], 'plain.csv')).toString()).toMatch(/^id,seq,/)
    },
  )

  test('says in the trail how it was written only by its format', async () => {
    await exported(['--bom', 'text:words'], 'excel.csv')
    const [entry] = await shared.warden.AuditLogRepository.query({ action: 'AUDIT_LOG_EXPORTED', limit: 1 })
    expect(JSON.parse(entry?.metadata ?? '')).toMatchObject({ format: 'csv', filters: { text: 'words' } })
  })

  test.each([
    [['format:csv', '--format', 'csv']],
    [['--bom', '--format', 'json']],
    [['bom:yes', 'format:jsonl.gz']],
    [['bom:maybe', 'format:csv']],
    [['--bom', 'bom:no', 'format:csv']],
    [['--format', 'xlsx']],
    [['--profile', 'moderation', '--format', 'json']],
    [['since:2026-02-30']],
    [['colour:red']],
  ])('explains what it cannot do, and leaves no file: %j', async (words) => {
    const path = join(temporaryFolder(), 'none.json')
    await expect(onCommandLine(() => run([...words, '--to', path]), env())).rejects.toThrow(UsageError)
    expect(existsSync(path)).toBe(false)
  })
})
