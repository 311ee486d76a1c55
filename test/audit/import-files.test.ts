import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/app/usage-error.ts'
import { recordsOf } from '../../src/audit/export/records.ts'
import { checkSource } from '../../src/audit/import/checked-source.ts'
import { type SourceFormat, sourceRecords } from '../../src/audit/import/source-records.ts'
import { run as importCommand } from '../../src/cli/import.ts'
import { asNobody } from '../support/as-nobody.ts'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { type Ended, onCommandLine } from '../support/command-line.ts'
import { fileIn, importedIn } from '../support/importing.ts'

const ENTRY = { timestamp: '2026-01-01T00:00:00Z', action: 'BAN' }
const LINE = JSON.stringify(ENTRY)
const ROW = '2026-01-01T00:00:00Z,BAN'

const fileWith = (name: string, content: string | Uint8Array) => fileIn({ folder: temporaryFolder() }, name, content)
/** In the environment of no database: what is refused never comes to it. */
const told = (...args: string[]): Promise<Ended> => onCommandLine(() => importCommand(args), { DATABASE_URL: 'none' })
const refused = (why: string): Ended => ({ code: 3, out: `Could not import: ${why}\n` })
const checked = (name: string, content: string | Uint8Array, format: SourceFormat = 'csv') =>
  checkSource({ path: fileWith(name, content), format })
const valuesOf = async (name: string, content: string | Uint8Array, format: SourceFormat = 'csv') => {
  const values: unknown[] = []
  for await (const { value, problem } of sourceRecords(fileWith(name, content), format)) values.push(problem ?? value)
  return values
}

describe('a JSON array', () => {
  const CUT = 'It ends before its list does.'
  const FOLLOWED = 'Something follows its list.'

  test.each([
    ['cut after an entry', `[\n${LINE},\n${LINE}\n`, CUT],
    ['cut after a comma', `[\n${LINE},\n${LINE},\n`, CUT],
    ['cut in an entry', `[\n${LINE},\n${LINE.slice(0, 9)}`, CUT],
    ['cut in an entry, behind a list in it', `[\n${LINE},\n{"a":[{"b":1}]`, CUT],
    ['cut after its first entry', `[\n${LINE}`, CUT],
    ['followed by an entry', `[\n${LINE}\n]\n${LINE}\n`, FOLLOWED],
    ['followed by a list', `[\n${LINE}\n]\n[\n${LINE}\n]\n`, FOLLOWED],
    ['followed by another end', `[\n${LINE}\n]\n]\n`, FOLLOWED],
    ['followed by a word', `[\n${LINE}\n]\nx`, FOLLOWED],
    ['ended with its entry and followed', `[\n${LINE}]\n${LINE}`, FOLLOWED],
    ['indented and cut', JSON.stringify([ENTRY], null, 2).slice(0, -1), 'It is no JSON.'],
    ['indented and followed', `${JSON.stringify([ENTRY], null, 2)}\n${LINE}`, 'It is no JSON.'],
  ])('that is %s is refused, also packed and with --skip-bad', async (_, content, why) => {
    for (const path of [fileWith('a.json', content), fileWith('a.json.gz', gzipSync(content))])
      for (const more of [[], ['--skip-bad']]) expect(await told(path, ...more)).toEqual(refused(why))
  })

  test.each([
    `[\n${LINE},\n${LINE}\n]`,
    `[\n${LINE},\r\n${LINE}\r\n]\r\n\r\n`,
    `[\n${LINE},\n${LINE}]\n`,
    `[\n\n${LINE},\n${LINE},\n]`,
  ])('that is whole is read: %j', async (content) => {
    expect(await valuesOf('a.json', content, 'json')).toEqual([ENTRY, ENTRY])
  })

  test('of an export that is to be verified has an end too, and nothing behind it', async () => {
    const read = async (text: string) => {
      const lines = (async function* () {
        yield* text.split(/(?<=\n)/)
      })()
      const records: string[] = []
      for await (const record of recordsOf('json', lines)) records.push(record)
      return records
    }
    expect(await read(`[\n${LINE},\n${LINE}\n]\n`)).toEqual([LINE, LINE])
    expect(await read('[]\n')).toEqual([])
    await expect(read(`[\n${LINE},\n`)).rejects.toThrow(CUT)
    await expect(read(`[\n${LINE}\n]\n${LINE}\n`)).rejects.toThrow(FOLLOWED)
    await expect(read(`[]\n${LINE}\n`)).rejects.toThrow(FOLLOWED)
    await expect(read(`${LINE}\n`)).rejects.toThrow('It is no JSON array.')
  })
})

describe('a .gz', () => {
  const text = `${LINE}\n`
  const LARGE = 5000
  /** Packed it is larger than a piece in which files are read. */
  const large = Array.from(
    { length: LARGE },
    () => `${JSON.stringify({ ...ENTRY, n: randomBytes(64).toString('base64') })}\n`,
  ).join('')

  test.each([
    ['zeros and a word', [Buffer.alloc(20), Buffer.from('garbage')]],
    ['a zero and another .gz', [Buffer.alloc(1), gzipSync(text)]],
    ['zeros alone', [Buffer.alloc(20)]],
    ['many zeros and another .gz', [Buffer.alloc(600_000), gzipSync(text)]],
    ['a word', [Buffer.from('garbage')]],
  ])('that is followed by %s is refused', async (_, rest) => {
    for (const begin of [text, large]) {
      const path = fileWith('a.jsonl.gz', Buffer.concat([gzipSync(begin), ...rest]))
      const { code, out } = await told(path)
      expect({ code, out }).toEqual({
        code: 3,
        out: expect.stringMatching(/^Could not import: It cannot be read: it is no whole \.gz/),
      })
    }
  })

  test('is read as a whole where it is several, wherever the pieces of the file end', async () => {
    const member = gzipSync(large)
    for (const [parts, entries] of [
      [[gzipSync(text), gzipSync(text)], 2],
      [[member, gzipSync(text), member], 2 * LARGE + 1],
    ] as const)
      expect(await checked('a.jsonl.gz', Buffer.concat(parts), 'jsonl')).toMatchObject({ badCount: 0, count: entries })
  })

  test('that is not called one is told by what it is', async () => {
    for (const name of ['a.jsonl', 'a.json', 'a.csv', 'a.tsv'])
      expect(await told(fileWith(name, gzipSync(text)))).toEqual(
        refused('It looks like a .gz: give it a name that ends so.'),
      )
  })
})

describe('the line of a CSV', () => {
  const eol = fc.constantFrom('\n', '\r\n')
  const note = fc
    .array(fc.constantFrom('a', '""', '\n', '\r\n', ',', ' '), { maxLength: 6 })
    .map((parts) => `"${parts.join('')}"`)
  const good = note.map((text) => `${ROW},${text}`)
  const blank = fc.constantFrom('', ' ', ',,', '"",,')
  const rows = fc.array(fc.oneof(good, good, blank), { maxLength: 12 })
  const lineOf = (text: string) => text.split('\n').length

  test('is told as an editor counts it, whatever stands before', async () => {
    const path = join(temporaryFolder(), 'a.csv')
    await fc.assert(
      fc.asyncProperty(fc.boolean(), rows, rows, rows, eol, async (isSaid, above, before, after, end) => {
        const head = [
          ...above.filter((row) => row.trim() === ''),
          ...(isSaid ? ['sep=,'] : []),
          'timestamp,action,note',
        ]
        const start = [...head, ...before].map((row) => row + end).join('')
        writeFileSync(path, `${start}${[`never,BAN,"x${end}"`, ...after].join(end)}`)
        const { bad } = await checkSource({ path, format: 'csv' })
        expect(bad).toEqual([expect.stringMatching(new RegExp(`^line ${lineOf(start)}: no time`))])
        writeFileSync(path, `${start}${[`${ROW},"x`, ...after.map((row) => row.replaceAll('"', ''))].join(end)}`)
        await expect(checkSource({ path, format: 'csv' })).rejects.toThrow(
          `It is no CSV: line ${lineOf(start)}: a quote is opened and never closed.`,
        )
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    [
      'a quote that is never closed, far from the end',
      `"${'x\n'.repeat(1_200_000)}`,
      /line 4: .*a quote is never closed/,
    ],
    ['something behind a quote', `"a"b,BAN`, /line 4: something stands between a closing quote/],
    ['a quote within a cell', `a"b,BAN`, /line 4: a quote stands in a cell/],
  ])('is told of %s', async (_, row, words) => {
    await expect(checked('a.csv', `timestamp,action\r\n\r\n${ROW}\r\n${row}`)).rejects.toThrow(words)
  })

  test('may end in several ways', async () => {
    expect(await valuesOf('a.csv', `timestamp,action\r\n${ROW}\n${ROW}\r\n`)).toEqual([ENTRY, ENTRY])
    expect(await valuesOf('a.csv', `timestamp;action\r${ROW.replace(',', ';')}\r`)).toEqual([ENTRY])
  })
})

describe('the header of a CSV', () => {
  test.each([
    ['timestamp,action,action', 'action'],
    ['timestamp,action, note,note ', 'note'],
    ['action,"timestamp","timestamp"', 'timestamp'],
  ])('that has a name twice is refused by that name: %s', async (header, name) => {
    const path = fileWith('a.csv', `${header}\n${ROW},x\n`)
    for (const more of [[], ['--skip-bad']])
      expect(await told(path, ...more)).toEqual(refused(`It has two columns that are called ${name}.`))
  })

  test('may leave columns without a name that hold nothing; what one holds is not left out silently', async () => {
    expect(await valuesOf('a.csv', `timestamp,action,,\n${ROW},,\n${ROW}, ,\n${ROW},,lost\n`)).toEqual([
      ENTRY,
      ENTRY,
      'column 4 has no name in the header',
    ])
  })

  test.each(['|', ';', '\t', ':', '^', '~', ' ', '🦊', 'x'])('is separated by what is said: %j', async (delimiter) => {
    const rows = [
      ['timestamp', 'action'],
      ['1767225600', 'BAN'],
    ]
      .map((row) => row.join(delimiter))
      .join('\r\n')
    for (const said of [`sep=${delimiter}`, `"sep=${delimiter}"`, `\r\n\r\nSEP=${delimiter}`, `sep=${delimiter}\r\n`])
      expect(await valuesOf('a.csv', `${said}\r\n${rows}`)).toEqual([{ timestamp: '1767225600', action: 'BAN' }])
  })

  test('may stand below empty lines, also such as a spreadsheet writes', async () => {
    for (const above of ['\n', '\r\n \r\n', ';;\n'])
      expect(await valuesOf('a.csv', `${above}timestamp;action\n;\n${ROW.replace(',', ';')}\n;\n`)).toEqual([ENTRY])
  })
})

describe('the name of a file', () => {
  test('says with .tsv that it is a CSV', async () => {
    const warden = await openTestWarden()
    const env = { DATABASE_URL: warden.url, DATA_DIR: warden.folder }
    const rows = (action: string) => `timestamp\taction\n2026-01-01T00:00:00Z\t${action}\n`
    for (const [name, content] of [
      ['a.tsv', rows('A')],
      ['b.TSV', rows('B')],
      ['c.tsv.gz', gzipSync(rows('C'))],
    ] as const) {
      const { code, out } = await onCommandLine(() => importCommand([fileWith(name, content)]), env)
      expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`1 entries of ${name} imported`) })
    }
    expect((await importedIn(warden)).map(({ action }) => action)).toEqual(['A', 'B', 'C'])
  })

  test('is asked what it says only where there is a file', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'd.csv'))
    const missing = join(folder, 'missing')
    expect(await told(folder)).toEqual(refused(`${folder} is a directory, and no file.`))
    expect(await told(join(folder, 'd.csv'))).toEqual(refused(`${join(folder, 'd.csv')} is a directory, and no file.`))
    expect(await told('.')).toEqual(refused('. is a directory, and no file.'))
    if (existsSync('/dev/null'))
      expect(await told('/dev/null')).toEqual({ code: 3, out: expect.stringContaining('/dev/null is a') })
    for (const path of [`${missing}.csv`, join(folder, 'a', 'b.csv')])
      expect(await told(path)).toEqual(refused(`There is no file ${path}.`))
    for (const path of [fileWith('a.txt', LINE), missing, `${missing}.txt`])
      await expect(told(path)).rejects.toThrow(UsageError)
  })

  test.each(['a.csv.001', 'a.jsonl.002', 'a.json.gz.1000'])('of a part leads to the whole: %s', async (name) => {
    const path = fileWith(name, ROW)
    const whole = path.replace(/\.\d+$/, '')
    expect(await told(path)).toEqual(refused(`${path} is a part: import ${whole}, which is all of its parts.`))
  })

  test('that one may not look at is not said to be missing', async () => {
    const folder = join(temporaryFolder(), 'closed')
    mkdirSync(folder)
    const path = fileIn({ folder }, 'a.csv', `timestamp,action\n${ROW}\n`)
    chmodSync(folder, 0)
    try {
      const ended = await asNobody(() => told(path))
      expect(ended).toEqual({ code: 3, out: expect.stringContaining('EACCES: permission denied') })
    } finally {
      chmodSync(folder, 0o700)
    }
  })
})

describe('--skip-bad', () => {
  test('that leaves nothing imports nothing and says so, and is no advice there', async () => {
    const path = fileWith('a.jsonl', 'x\ny\n')
    const ended = {
      code: 3,
      out: '✘ line 1: it is no JSON\n✘ line 2: it is no JSON\nNothing was imported: none can be read.\n',
    }
    expect(await told(path, '--skip-bad')).toEqual(ended)
    expect(await told(path)).toEqual(ended)
  })
})
