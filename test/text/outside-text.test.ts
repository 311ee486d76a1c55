import { describe, expect, test } from 'vitest'
import { streamsIn, unguarded } from '../support/outside-text.ts'
import { CHAT, PAGES, STREAMS } from '../support/shown-places.ts'
import { sources } from '../support/sources.ts'

const ALL = sources()
const found = <T>(of: (source: (typeof ALL)[number]) => readonly T[]): Record<string, readonly T[]> =>
  Object.fromEntries(ALL.map((source) => [source.file, of(source)] as const).filter(([, places]) => places.length > 0))
const sorted = (places: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(places).map(([file, all]) => [file, [...all].sort()]))

/** What makes others' text harmless in a chat, and what only ever returns numbers, times or numbers of telephones. */
const IN_CHATS = new Set([
  'literal',
  'named',
  'whom',
  'accountLine',
  'shownLines',
  'certainForm',
  'days',
  'number',
  'longTime',
])
const IN_PAGES = new Set(['pageText', 'bdi', 'shown'])
const TAG = /<\/(?:[a-z]|\$\{)|\/>/

describe('every place where text of others may reach', () => {
  test('a chat goes through a function for it, or is listed with why it needs none', () => {
    const listed = Object.fromEntries(
      Object.entries(CHAT).map(([file, reasons]) => [file, Object.values(reasons).flat()] as const),
    )
    const places = found((source) => (source.file.startsWith('text/') ? unguarded(source, IN_CHATS, () => true) : []))
    expect(sorted(places)).toEqual(sorted(listed))
  })

  test('a page goes through a function for it, or is listed', () => {
    const places = found((source) =>
      source.file.startsWith('text/') ? [] : unguarded(source, IN_PAGES, (template) => TAG.test(template)),
    )
    expect(sorted(places)).toEqual(sorted(PAGES))
  })

  test('a terminal is listed, and the log is one', () => {
    expect(Object.keys(found(streamsIn))).toEqual(Object.keys(STREAMS))
    const loggers = found(({ text }) => (/\bpino\(/.test(text) ? ['pino'] : []))
    expect(Object.keys(loggers)).toEqual(['kernel/log.ts'])
  })
})
