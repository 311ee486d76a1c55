import type { Command, Understood } from './command.ts'

/** A command as it was understood: numbers in their international form, and no text, which may be a secret, unless `isTextShown`. */
export function written(understood: Understood | Pick<Understood, 'command'>, isTextShown = false): string {
  const { words, arguments: all }: Command = understood.command
  const values = 'values' in understood ? understood.values : {}
  const shown = Object.entries(all).filter(([, argument]) => isTextShown || !argument.isFreeText)
  const texts = shown.map(([name]) => values[name]).filter((value) => typeof value === 'string' && value !== '')
  return [...words, ...texts].join(' ')
}
