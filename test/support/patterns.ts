import { createContext, Script } from 'node:vm'
import { eachNode, sources } from './sources.ts'

/** What is written between slashes. */
export interface Pattern {
  readonly file: string
  readonly source: string
  readonly flags: string
}

/** Every pattern in the sources, and the files that make patterns of text. */
export function patternsOf(): { readonly written: readonly Pattern[]; readonly made: readonly string[] } {
  const written: Pattern[] = []
  const made: string[] = []
  for (const { file, program } of sources())
    eachNode(program, (node) => {
      const { type, regex, callee } = node as PatternNode
      if (type === 'Literal' && regex) written.push({ file, source: regex.pattern, flags: regex.flags })
      if ((type === 'NewExpression' || type === 'CallExpression') && callee?.name === 'RegExp') made.push(file)
    })
  return { written, made }
}

interface PatternNode {
  readonly type: string
  readonly regex?: { readonly pattern: string; readonly flags: string } | null
  readonly callee?: { readonly name?: string }
}

const MEGABYTE = 1_000_000

/** A megabyte of a piece, between what no pattern of ours is about: neither end of it is the end of the text. */
export const megabyteOf = (piece: string): string =>
  `0!\u0000${piece.repeat(Math.ceil(MEGABYTE / piece.length)).slice(0, MEGABYTE)}\u0000!`

const context = createContext({ run: () => {} })
const script = new Script('run()')

/**
 * Whether something is done within five seconds. What looks at every character once is done with a megabyte in a
 * fiftieth of that, and what looks at every pair of them in some hours.
 */
export function ends(run: () => void): boolean {
  context.run = run
  try {
    script.runInContext(context, { timeout: 5000 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
    throw error
  }
}

/** Everywhere in a text, as `matchAll`, `split` and `replace` do, or the first place. */
export function look({ source, flags }: Pattern, text: string): void {
  const pattern = new RegExp(source, flags)
  if (pattern.global) text.replace(pattern, '')
  else pattern.exec(text)
}

/** Pieces to try a pattern with: what it says itself, and what is in anybody's text. */
export function piecesFor({ source }: Pick<Pattern, 'source'>): string[] {
  const plain = source.replace(/\\[pP]\{[^}]*\}|\\u\{?[0-9A-Fa-f]+\}?|\\[bBdDsSwWtnr]/g, '')
  const words = plain.match(/[\p{L}\p{N} :;,@"'_—-]+/gu) ?? []
  const signs = plain.replace(/[[\](){}*?|^$\\]/g, '')
  return [...new Set([...words, ...signs, 'a', '0', ' ', '\t', '+', '"', '\\"', ':', 'a:', 'a-', '0.', '\n'])]
}
