import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Draft } from '../../src/audit/entry/draft.ts'
import { decoded } from '../../src/audit/export/decoded.ts'
import { checkSource, readRecord } from '../../src/audit/import/checked-source.ts'
import { type SourceFormat, sourceRecords } from '../../src/audit/import/source-records.ts'
import { run as importCommand } from '../../src/cli/import.ts'
import { asNobody } from '../support/as-nobody.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { type Ended, onCommandLine } from '../support/command-line.ts'
import { importedIn, importInto } from '../support/importing.ts'

const NAMES = ['Ann', 'Jürgen', 'Łukasz 🦊', '日本']

/** The same entries in each format, a line for each, from the line that comes first. */
const TEXTS: Readonly<Record<SourceFormat, readonly string[]>> = {
  csv: ['timestamp,action,actor_name', ...NAMES.map((name) => `2026-01-01T00:00:00Z,BAN,${name}`)],
  jsonl: NAMES.map((name) => JSON.stringify({ timestamp: '2026-01-01T00:00:00Z', action: 'BAN', actor_name: name })),
  json: [
    '[',
    ...NAMES.map((name, index) => {
      const entry = JSON.stringify({ timestamp: '2026-01-01T00:00:00Z', action: 'BAN', actor_name: name })
      return `${entry}${index < NAMES.length - 1 ? ',' : ''}`
    }),
    ']',
  ],
}
const FORMATS = ['csv', 'jsonl', 'json'] as const
const textOf = (format: SourceFormat) => `${TEXTS[format].join('\n')}\n`

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
const ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE with a mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE with a mark': (text) => utf16be(`\uFEFF${text}`),
  'UTF-16 LE': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16 BE': utf16be,
}

const fileWith = (name: string, content: string | Uint8Array): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

/** What becomes of what a file holds, before it comes to any trail. */
async function draftsIn(path: string, format: SourceFormat): Promise<Draft[]> {
  const drafts: Draft[] = []
  for await (const record of sourceRecords(path, format)) {
    const read = readRecord(record, 'x', 0)
    if (typeof read === 'string') throw new Error(read)
    drafts.push(read.draft)
  }
  return drafts
}

/** What the command says, and what it ends with. */
const told = (args: string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  onCommandLine(() => importCommand(args), env)

describe('a file', () => {
  test.each(Object.entries(ENCODINGS))('in %s is read, in every format', async (_, encode) => {
    for (const format of FORMATS) {
      const drafts = await draftsIn(fileWith(`a.${format}`, encode(textOf(format))), format)
      expect(drafts.map(({ actorName }) => actorName)).toEqual(NAMES)
    }
  })

  test('is imported as it is read', async () => {
    const warden = await openTestWarden()
    for (const format of FORMATS)
      await importInto(warden, fileWith(`a.${format}`, utf16be(textOf(format))), { from: format })
    const names = (await importedIn(warden)).map(({ actorName }) => actorName)
    expect(names).toEqual([...NAMES, ...NAMES, ...NAMES])
  })

  test.each(FORMATS)('in another encoding is told with the number of its line, also packed: %s', async (format) => {
    const line = TEXTS[format].findIndex((text) => text.includes('Jürgen'))
    const content = Buffer.from(
      [...TEXTS[format].slice(0, line + 1), 'ä'].join('\n').replaceAll(/[^\0-\xff]/g, '?'),
      'latin1',
    )
    for (const [name, bytes] of [
      [`a.${format}`, content],
      [`a.${format}.gz`, gzipSync(content)],
    ] as const)
      for (const more of [[], ['--skip-bad']])
        expect(await told([fileWith(name, bytes), ...more])).toEqual({
          code: 3,
          out: `Could not import: line ${line + 1}: it is not UTF-8; save it as UTF-8.\n`,
        })
  })

  test.each([
    ['UTF-32', Buffer.from('\uFEFFx\0y\0', 'utf16le').fill(0, 2, 4), /It is UTF-32: save it as UTF-8/],
    [
      'UTF-16 with an odd byte',
      Buffer.concat([Buffer.from('\uFEFFx\n', 'utf16le'), Buffer.of(0)]),
      /UTF-16 that is damaged/,
    ],
    ['zeros', Buffer.concat([Buffer.from('日本', 'utf16le'), Buffer.alloc(50)]), /save it as UTF-8/],
    ['nothing', '', /It is empty/],
  ])('of %s is refused by name', async (_, content, words) => {
    for (const format of FORMATS)
      expect(await told([fileWith(`a.${format}`, content)])).toEqual({ code: 3, out: expect.stringMatching(words) })
  })

  test.each(FORMATS)('that is packed, and cut, changed or followed by something, is refused: %s', async (format) => {
    const packed = gzipSync(Array.from({ length: 1000 }, (_, n) => `${textOf(format)}${n}`).join(''))
    const changed = Buffer.from(packed)
    changed[packed.length - 6] = (changed[packed.length - 6] ?? 0) ^ 0xff
    const broken = [
      ...[1, 9, 10, 100, packed.length >> 1, packed.length - 1].map((length) => packed.subarray(0, length)),
      changed,
      Buffer.concat([packed, Buffer.from('garbage')]),
      Buffer.from(textOf(format)),
    ]
    for (const bytes of broken) {
      const path = fileWith(`a.${format}.gz`, bytes)
      await expect(checkSource({ path, format })).rejects.toThrow(/It cannot be read: it is no whole \.gz/)
    }
  })

  test('that may not be read is told', async () => {
    const path = fileWith('a.csv', textOf('csv'))
    chmodSync(path, 0)
    const ended = await asNobody(() => told([path]))
    expect(ended).toEqual({ code: 3, out: expect.stringContaining('EACCES') })
  })

  test('that is a folder is told', async () => {
    const path = join(temporaryFolder(), 'a.csv')
    mkdirSync(path)
    expect(await told([path])).toEqual({ code: 3, out: `Could not import: ${path} is a directory, and no file.\n` })
  })

  test('without entries is said to have none', async () => {
    const warden = await openTestWarden()
    for (const [name, content] of [
      ['a.csv', 'timestamp,action\n'],
      ['a.json', '[]'],
      ['a.jsonl', '\n\n'],
    ] as const) {
      const env = { DATABASE_URL: warden.url, DATA_DIR: warden.folder }
      const { code, out } = await told([fileWith(name, content)], env)
      expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('The file has no entries.\n') })
    }
  })
})

describe('a CSV', () => {
  const rows = [
    ['timestamp', 'action', 'reason'],
    ['2026-01-01T00:00:00Z', 'BAN', 'a, b; c'],
  ]
  const written = (delimiter: string, quote = '"') =>
    rows.map((cells) => cells.map((cell) => `${quote}${cell}${quote}`).join(delimiter)).join('\r\n')

  test.each([
    ['commas', written(',')],
    ['semicolons', written(';')],
    ['tabs', written('\t')],
    ['tabs and no quotes', written('\t', '')],
    ['a mark and semicolons', `\uFEFF${written(';')}`],
    ['semicolons that are said', `sep=;\r\n${written(';')}`],
    ['tabs that are said', `sep=\t\r\n${written('\t')}`],
  ])('is read with %s', async (_, content) => {
    expect(
      (await draftsIn(fileWith('a.csv', content), 'csv')).map(({ metadata }) => JSON.parse(metadata)),
    ).toMatchObject([{ details: { reason: 'a, b; c' } }])
  })

  test('counts lines with the one that says its delimiter, and has commas where no other makes names of its header', async () => {
    const lines = async (content: string) =>
      (await checkSource({ path: fileWith('a.csv', content), format: 'csv' })).bad
    expect(await lines('sep=;\ntimestamp;action\nnever;X\n')).toEqual([expect.stringMatching(/^line 3: no time/)])
    expect(await lines('time;deed\nnever;X\n')).toEqual([expect.stringMatching(/^line 2: no time/)])
    expect(await lines('timestamp,action;\n2026-01-01T00:00:00Z,X\n')).toEqual([expect.stringMatching(/no action/)])
  })
})

describe('bytes', () => {
  const pieces = (bytes: Buffer, sizes: readonly number[]) =>
    (async function* () {
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const size = sizes[n % sizes.length] ?? 1
        yield bytes.subarray(at, at + size)
        at += size
      }
    })()
  const read = async (bytes: Buffer, sizes: readonly number[]) => {
    let text = ''
    for await (const piece of decoded(pieces(bytes, sizes))) text += piece
    return text
  }
  const text = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'ü', '語', '🦊', '\n', '\uFFFD', ','), maxLength: 40 }), {
      maxLength: 20,
    })
    // Longer than what is looked at first.
    .map((parts) => `begin${'x'.repeat(4090)}${parts.join('')}`)
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

  test('are the same text, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(text, sizes, fc.constantFrom(...Object.values(ENCODINGS)), async (expected, cuts, encode) => {
        expect(await read(encode(expected), cuts)).toBe(expected)
      }),
      { numRuns: 30 },
    )
  })

  test('that are no UTF-8 are told with the line that they are in, however they come', async () => {
    const bad = fc.constantFrom([0xfc], [0x80], [0xe8, 0x41], [0xf0, 0x9f, 0x0a], [0xc3], [0xff], [0xed, 0xa0, 0x80])
    await fc.assert(
      fc.asyncProperty(text, bad, text, sizes, async (before, bytes, after, cuts) => {
        const content = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(`\n${after}`)])
        await expect(read(content, cuts)).rejects.toThrow(`line ${before.split('\n').length}: it is not UTF-8`)
      }),
      { numRuns: 50 },
    )
  })
})
