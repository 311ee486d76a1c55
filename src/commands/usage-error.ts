import type { Texts } from '../text/english.ts'
import type { Command } from './command.ts'
import type { NotParsed } from './parse-arguments.ts'
import { usageOf } from './registry.ts'

/** What is wrong with what follows a command, and how it is used. */
export function usageError(command: Command, parsed: NotParsed, texts: Texts, prefix: string): string {
  const problem = problemOf(command, parsed, texts)
  const isOneLine = problem.endsWith('.') && !problem.includes('\n')
  return `${problem}${isOneLine ? ' ' : '\n'}${texts.arguments.usage(`${prefix} ${usageOf(command)}`)}`
}

function problemOf(command: Command, parsed: NotParsed, texts: Texts): string {
  const { hidesInput, arguments: all } = command
  switch (parsed.kind) {
    case 'extra':
      return texts.arguments.tooMany(hidesInput ? undefined : parsed.word)
    case 'another':
      return texts.arguments.anotherPerson(
        parsed.word,
        Object.values(all).some(({ isFreeText }) => isFreeText),
      )
    case 'missing':
      return all[parsed.argument]?.missing(texts) ?? ''
    case 'invalid':
      return all[parsed.argument]?.invalid(texts, parsed.typed, parsed.params) ?? ''
  }
}
