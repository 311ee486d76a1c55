import type { Completer } from 'node:readline'
import { OWN_COMMAND_NAMES } from './own-commands.ts'

/**
 * What Tab offers: the prefix, the bot's commands after it, and the terminal's own. Typed in any case, completed in the
 * proper one.
 */
export function createCompleter(prefix: string, commandNames: readonly string[]): Completer {
  const starts = [prefix, ...OWN_COMMAND_NAMES]
  return (line) => {
    const rest = afterPrefix(line, prefix)
    if (rest === undefined) return [startingWith(starts, line), line]
    return [startingWith(commandNames, rest), rest]
  }
}

/** Whether a line speaks to the bot, as `!config …` in any case does. */
export const isAddressed = (line: string, prefix: string): boolean => afterPrefix(`${line} `, prefix) !== undefined

function afterPrefix(line: string, prefix: string): string | undefined {
  const start = line.trimStart()
  if (start.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return undefined
  const rest = start.slice(prefix.length)
  return /^\s/u.test(rest) ? rest.trimStart() : undefined
}

function startingWith(words: readonly string[], typed: string): string[] {
  const start = typed.toLowerCase().replace(/\s+/gu, ' ')
  return words.filter((word) => word.toLowerCase().startsWith(start)).map((word) => `${word} `)
}
