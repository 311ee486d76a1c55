import { describe, expect, test } from 'vitest'
import { findCheckpoint } from '../../src/audit/tree/checkpoint.ts'
import { MADE, PIECES } from '../support/made-patterns.ts'
import { ends, look, megabyteOf, patternsOf, piecesFor } from '../support/patterns.ts'

const { written, made } = patternsOf()

describe('a pattern', () => {
  test('looks at each character once, whatever the text', () => {
    expect(written.length).toBeGreaterThan(200)
    const slow = written.flatMap((pattern) =>
      piecesFor(pattern)
        // The long rounds try all of them, and an analysis besides.
        .slice(0, 3)
        .filter((piece) => !ends(() => look(pattern, megabyteOf(piece))))
        .map((piece) => `${pattern.file}: /${pattern.source}/ of ${JSON.stringify(piece)}`),
    )
    expect(slow).toEqual([])
  })

  test('is made of text where this is known', () => {
    const makers = Object.entries(MADE).flatMap(([file, all]) => all.map(() => file))
    expect(makers.sort()).toEqual([...made].sort())
  })

  test.each(Object.entries(MADE))('that %s makes looks at each character once', (_, all) => {
    const slow = PIECES.slice(0, 3).filter((piece) => !all.every((run) => ends(() => run(megabyteOf(piece)))))
    expect(slow).toEqual([])
  })
})

test('a checkpoint is found in a text of many that are none', () => {
  const hash = `${'A'.repeat(43)}=`
  const none = `example.org/trail\n1\n${hash}\n`
  for (const piece of [none, `${none}\n`, `${none}\n— a\n`])
    expect(ends(() => findCheckpoint(`${megabyteOf(piece)}\n${none}\n— a b\n`))).toBe(true)
  expect(findCheckpoint(`> ${none.repeat(3)}\n${none}\n— a b c\n— a b`)).toBe(`${none}\n— a b\n`)
})
