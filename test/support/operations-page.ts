import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './child.ts'

/**
 * A block of docs/operations.md between fences. One in `bash` is run, unless the line above its fence says otherwise:
 * `<!-- not run: why -->`, `<!-- run where the command line has: NAME -->` for a command that may be missing, or
 * `<!-- run with PostgreSQL -->`: in a folder of its own, with a trail on a server.
 */
export interface Block {
  /** The heading above it, and the line of the page it begins at: for whoever reads a failure. */
  readonly name: string
  readonly language: string
  readonly text: string
  /** Why it is not run. */
  readonly notRun: string | undefined
  /** The command without which it is not run. */
  readonly needs: string | undefined
  readonly isForServer: boolean
  /** What its output holds, in this order. */
  readonly expected: readonly RegExp[]
}

export const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')

export function blocks(): Block[] {
  return [...PAGE.matchAll(/(?:^<!-- (.*?) -->\n)?^```(\w*)\n(.*?)^```$/gms)].map((found) => {
    const [, mark = '', language = '', text = ''] = found
    return {
      name: `${headingAbove(found.index)}, line ${PAGE.slice(0, found.index).split('\n').length}`,
      language,
      text,
      notRun: /^not run: (.+)$/.exec(mark)?.[1],
      needs: /^run where the command line has: (\w+)$/.exec(mark)?.[1],
      isForServer: mark === 'run with PostgreSQL',
      expected: [...text.matchAll(/^# → (.*)$/gm)].map(([, line = '']) => patternOf(line)),
    }
  })
}

const headingAbove = (index: number): string =>
  [...PAGE.slice(0, index).matchAll(/^##+ (.*)$/gm)].at(-1)?.[1] ?? 'the beginning'

/** `…` stands for anything within a line. */
const patternOf = (line: string): RegExp =>
  new RegExp(
    line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  )
