import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../src/audit/entry/event-types.ts'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import { VARIABLES } from '../../src/config/variables.ts'
import { ERRORS } from '../../src/kernel/errors.ts'
import { CLI, ROOT, runNode } from '../support/child.ts'
import { type Block, blocks, PAGE } from '../support/operations-page.ts'

// That its blocks do what they say is shown by operations.soak.ts.

/** The capabilities that are procedures of an operator. */
const PROCEDURES = [55, 90, 91, 92, 93, 108, 110, 111, 112, 149, 154, 167, 170, 186, 188]

/** What the usage has under each command: `report daily`, `key new`, … and its options. */
function commandsOf(usage: string): Map<string, string[]> {
  const all = new Map<string, string[]>()
  for (const [, text = ''] of usage.matchAll(/^ {2}chatwarden (.*(?:\n {6}.*)*)/gm)) {
    const head = /^[^[<']*?(?= {2}| [[<']|$)/m.exec(text)?.[0] ?? ''
    const options = text.match(/--[a-z][a-z-]*/g) ?? []
    for (const name of namesIn(head)) all.set(name, options)
  }
  return all
}

/** `a b|c` names two; so does `a | b`. */
function namesIn(head: string): string[] {
  if (head.includes(' | ')) return head.split(' | ')
  const [, first = '', choices = ''] = /^(.*?)([^ ]*\|.*)?$/.exec(head) ?? []
  return choices === '' ? [head] : choices.split('|').map((choice) => first + choice)
}

interface Call {
  readonly block: Block
  readonly words: string
  readonly options: readonly string[]
}

/** The calls of `chatwarden` in a block, which may be within each other. */
const callsIn = (block: Block): Call[] =>
  [...block.text.matchAll(/(?<=(?:^|[(;|&]|npx|time|[A-Z_]=\S+) *)chatwarden (?=([^\n|;&)]+))/gm)].map(
    ([, rest = '']) => ({
      block,
      words: rest,
      options: rest.replace(/'.*?'/g, '').match(/(?<= |^)--[a-z][a-z-]*/g) ?? [],
    }),
  )

const startsWith = (text: string, words: string): boolean => text === words || text.startsWith(`${words} `)

describe('docs/operations.md', () => {
  const all = blocks()
  let commands: Map<string, string[]>

  beforeAll(async () => {
    commands = commandsOf((await runNode([CLI, '--help'])).stdout)
  })

  /** The longest name of a command that the words begin with. */
  const nameOf = (words: string): string | undefined =>
    [...commands.keys()].filter((name) => startsWith(words, name)).sort((a, b) => b.length - a.length)[0]

  test('says of each block that is not run why it is not', () => {
    expect(all.length).toBeGreaterThan(40)
    expect(all.filter(({ language, notRun }) => language !== 'bash' && notRun === undefined)).toEqual([])
    const marks = [...PAGE.matchAll(/<!--/g)].length
    expect(all.filter(({ notRun, needs, isForServer }) => isForServer || (notRun ?? needs) !== undefined)).toHaveLength(
      marks,
    )
  })

  test('runs every command of the command line', () => {
    const run = all.filter(({ language, notRun }) => language === 'bash' && notRun === undefined).flatMap(callsIn)
    const missing = [...commands.keys()].filter((name) => !run.some(({ words }) => nameOf(words) === name))
    expect(missing).toEqual([])
  })

  test('names commands and options that there are', () => {
    for (const { block, words, options } of all.flatMap(callsIn)) {
      if (block.needs !== undefined && nameOf(block.needs) === undefined) continue
      const name = nameOf(words.trim())
      expect({ words, name }).toEqual({ words, name: expect.any(String) })
      expect({ words, known: commands.get(name ?? '') }).toMatchObject({ known: expect.arrayContaining([...options]) })
    }
  })

  test('names commands of the chat that there are', () => {
    const named = [...PAGE.matchAll(/!config ([a-z]+(?: [a-z]+)*)/g)].map(([, words = '']) => words)
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((words) => !COMMANDS.some((command) => startsWith(words, commandName(command))))).toEqual([])
  })

  test('names variables, errors and actions that there are', () => {
    const named = [...PAGE.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)/g)].map(([, name = '']) => name)
    const actions = Object.keys(EVENT_TYPES)
    const known = new Set<string>([...Object.keys(VARIABLES), ...Object.keys(ERRORS), ...actions])
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  test('has every procedure, and its number where it is', () => {
    const inText = [...PAGE.matchAll(/\(caps? ([\d, ]+)/g)].flatMap(([, list = '']) => list.split(',').map(Number))
    const inTable = [...PAGE.matchAll(/^\| (\d[\d, ]*) \|/gm)].flatMap(([, list = '']) => list.split(',').map(Number))
    expect(PROCEDURES.filter((cap) => !inText.includes(cap))).toEqual([])
    expect(inText.filter((cap) => !inTable.includes(cap))).toEqual([])
  })

  test('leads somewhere by each of its links', () => {
    const links = [...PAGE.matchAll(/\]\(([^)\s#]*)(?:#([^)\s]+))?\)/g)].map(([, file = '', anchor]) => ({
      file,
      anchor,
    }))
    for (const { file, anchor } of links) {
      const path = file === '' ? 'operations.md' : file
      expect({ path, exists: existsSync(join(ROOT, 'docs', path)) }).toEqual({ path, exists: true })
      if (anchor !== undefined) expect(anchorsOf(path)).toContain(anchor)
    }
  })
})

/** As GitHub makes them of headings. */
const anchorsOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, 'docs', file), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
