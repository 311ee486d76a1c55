import type { Completer } from 'node:readline'
import { afterPrefix } from '../../kernel/prefix.ts'
import { OWN_COMMAND_NAMES } from './own-commands.ts'

/**
 * What Tab offers: the prefix, the bot's commands after it, and the terminal's own. Typed in any case, completed in the
 * proper one.
 */
export function createCompleter(prefix: string, commandNames: readonly string[]): Completer {
  const starts = [prefix, ...OWN_COMMAND_NAMES]
  return (line) => {
    const rest = afterPrefix(line, prefix)
    // The prefix without a space is not finished.
    if (rest === undefined || rest === '') return [startingWith(starts, line), line]
    return [startingWith(commandNames, rest.trimStart()), rest.trimStart()]
  }
}

/** Whether a line speaks to the bot, as `!config …` in any case does. */
export const isAddressed = (line: string, prefix: string): boolean => afterPrefix(line, prefix) !== undefined

function startingWith(words: readonly string[], typed: string): string[] {
  const start = typed.toLowerCase().replace(/\s+/gu, ' ')
  return words.filter((word) => word.toLowerCase().startsWith(start)).map((word) => `${word} `)
}
