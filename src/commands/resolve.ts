import { closest, distance } from 'fastest-levenshtein'
import { keyword } from '../kernel/keyword.ts'
import { atLeast, type EffectiveRole } from '../roles/role.ts'
import type { Command } from './command.ts'
import { commandAt, commandName, GROUPS, HELP_ROLE, permitted, usageOf } from './registry.ts'

/** What the words of a message come to, for somebody of a role, before arguments are looked at. */
export type Resolved =
  | { readonly kind: 'command'; readonly command: Command; readonly rest: readonly string[] }
  | { readonly kind: 'more' }
  | { readonly kind: 'help'; readonly topic: readonly string[] }
  | { readonly kind: 'unknown'; readonly word: string; readonly nearest: string | undefined }
  | {
      readonly kind: 'denied'
      readonly command: Command | undefined
      readonly group: string | undefined
      readonly rest: readonly string[]
    }

/**
 * Finds the command, and denies it to those without its role. Who may run nothing under a word is denied all the
 * same, whatever follows it: nobody learns from answers which commands there are.
 */
export function resolve(typed: readonly string[], role: EffectiveRole): Resolved {
  const words = typed.map(keyword)
  const asksHelp = words.length === 0 || words[0] === 'help' || isHelpAtEnd(words) || isGroupAlone(words)
  const path = asksHelp ? words.filter((word) => word !== 'help') : words
  const command = commandAt(path)
  const rest = typed.slice(command?.words.length ?? 0)
  const group = path[0] !== undefined && Object.hasOwn(GROUPS, path[0]) ? path[0] : undefined
  const mayUseGroup = permitted(role, group === undefined ? [] : [group]).length > 0
  if (!atLeast(role, HELP_ROLE) || !mayUseGroup) return { kind: 'denied', command, group, rest }
  if (command !== undefined && !atLeast(role, command.role)) return { kind: 'denied', command, group: undefined, rest }
  if (asksHelp && (command !== undefined || path.length === 0 || (group !== undefined && path.length === 1)))
    return { kind: 'help', topic: command?.words ?? path }
  if (words[0] === 'more' && words.length === 1) return { kind: 'more' }
  if (command !== undefined) return { kind: 'command', command, rest }
  return unknown(path, asksHelp ? typed.filter((word) => keyword(word) !== 'help') : typed, role, group)
}

/** Among the words of a reason or a value, `help` is one like any other. */
function isHelpAtEnd(words: readonly string[]): boolean {
  if (words.at(-1) !== 'help') return false
  const command = commandAt(words)
  const takesText = Object.values(command?.arguments ?? {}).some(({ isFreeText }) => isFreeText)
  return !takesText || words.length === (command?.words.length ?? 0) + 1
}

const isGroupAlone = (words: readonly string[]): boolean => words.length === 1 && Object.hasOwn(GROUPS, words[0] ?? '')

/** The nearest of what the caller may run; nothing is suggested to them that they may not. */
function unknown(path: readonly string[], typed: readonly string[], role: EffectiveRole, group?: string): Resolved {
  const word = typed[group === undefined ? 0 : 1] ?? ''
  const nearest = nearestCommand(path, permitted(role, group === undefined ? [] : [group]))
  return { kind: 'unknown', word, nearest: nearest && usageOf(nearest) }
}

function nearestCommand(path: readonly string[], commands: readonly Command[]): Command | undefined {
  // `promote +1…` means `role promote`: the group is what people leave out.
  const withoutGroup = commands.find(({ words }) => words.at(-1) === path[0])
  if (withoutGroup !== undefined) return withoutGroup
  const words = path.slice(0, 2).join(' ').slice(0, 40)
  const name = closest(words, commands.map(commandName))
  // Further off than half of what was typed, it is no slip but something else.
  return distance(words, name) * 2 > words.length
    ? undefined
    : commands.find((command) => commandName(command) === name)
}
