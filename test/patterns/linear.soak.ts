import { check } from 'recheck'
import { expect, test } from 'vitest'
import type { Command } from '../../src/commands/command.ts'
import { parseArguments } from '../../src/commands/parse-arguments.ts'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import { resolve } from '../../src/commands/resolve.ts'
import { quotedWords, tail, tokenize } from '../../src/commands/tokenize.ts'
import { usageError } from '../../src/commands/usage-error.ts'
import { english } from '../../src/text/english.ts'
import { MADE, PIECES } from '../support/made-patterns.ts'
import { ends, look, megabyteOf, patternsOf, piecesFor } from '../support/patterns.ts'

const { written } = patternsOf()

test('no text that an analysis finds takes a pattern longer than in proportion', async () => {
  const found = await Promise.all(written.map(({ source, flags }) => check(source, flags, { timeout: 60_000 })))
  const slow: unknown[] = []
  for (const [at, diagnosis] of found.entries()) {
    const pattern = written[at]
    if (pattern === undefined || diagnosis.status === 'safe') continue
    // What it takes for one that is not may only take some dozens of steps for each character.
    const attack = diagnosis.status === 'vulnerable' ? textOf(diagnosis.attack) : undefined
    if (attack === undefined || !ends(() => look(pattern, attack))) slow.push({ ...pattern, ...diagnosis })
  }
  expect(slow).toEqual([])
})

interface Attack {
  readonly pumps: readonly { readonly prefix: string; readonly pump: string }[]
  readonly suffix: string
}

/** A megabyte of it. */
const textOf = ({ pumps, suffix }: Attack): string =>
  pumps.map(({ prefix, pump }) => prefix + pump.repeat(1_000_000 / pumps.length / pump.length)).join('') + suffix

test.each(Object.entries(MADE))('a megabyte takes what %s makes no longer than in proportion', (_, all) => {
  expect(PIECES.filter((piece) => !all.every((run) => ends(() => run(megabyteOf(piece)))))).toEqual([])
})

test('a megabyte of everything that a pattern says takes it no longer than in proportion', () => {
  const slow = written.flatMap((pattern) =>
    piecesFor(pattern)
      .filter((piece) => !ends(() => look(pattern, megabyteOf(piece))))
      .map((piece) => `${pattern.file}: /${pattern.source}/ of ${JSON.stringify(piece)}`),
  )
  expect(slow).toEqual([])
})

const WORDS = ['1', '1 ', 'a', 'й ', '"a ', '“a ', '+1 ', '+1', '@a ', 'for ', '2h ', '2h', 'Z ', 'x:1 ', 'user:', '. ']
/** A tenth of a megabyte, or less in the shortened rounds: what is not in proportion takes minutes of that, too. */
const SIZE = process.env.SOAK_ROUNDS === undefined ? 100_000 : 30_000
const VALUES = ['+15550001111', '+15550001111 for 2h']

/** What a command is worth before anything is looked up, in so many letters. */
function read(command: Command, typed: string): void {
  const text = `${commandName(command)} ${typed}`
  const quoted = quotedWords(text)
  const resolved = resolve(tokenize(text), 'OWNER')
  if (resolved.kind !== 'command') return
  const parsed = parseArguments(resolved.command, resolved.rest, {
    mentions: new Map(),
    defaultCountry: 'US',
    quoted: undefined,
    now: 0,
    timeZone: 'UTC',
    tail: (words) => tail(text, words),
    isQuoted: (words) => words > 0 && quoted.at(-words) === true,
  })
  if (parsed.kind !== 'parsed') usageError(resolved.command, parsed, english, '!config')
}

test.each(COMMANDS.map((command) => [commandName(command), command] as const))(
  'a long text after %s is read in no longer than in proportion',
  (_, command) => {
    const slow = WORDS.flatMap((piece) =>
      ['', ...VALUES.map((value) => `${value} `)]
        .filter((start) => !ends(() => read(command, start + piece.repeat(SIZE / piece.length))))
        .map((start) => start + piece),
    )
    expect(slow).toEqual([])
  },
)
