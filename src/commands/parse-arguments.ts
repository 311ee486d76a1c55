import type { ReadContext } from './argument.ts'
import { namesSomebody } from './arguments/names-somebody.ts'
import type { Command } from './command.ts'

export type Parsed =
  | { readonly kind: 'parsed'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'missing'; readonly argument: string }
  | { readonly kind: 'invalid'; readonly argument: string; readonly typed: string; readonly params?: unknown }
  | { readonly kind: 'extra'; readonly word: string }
  /** A second person, where a command is about one. */
  | { readonly kind: 'another'; readonly word: string }

/** Reads the words after a command as its arguments. */
export function parseArguments(command: Command, words: readonly string[], known: ReadContext): Parsed {
  const values: Record<string, unknown> = {}
  let rest = words
  let context = known
  for (const [name, argument] of Object.entries(command.arguments)) {
    const another = context.about !== undefined && !argument.isFreeText && namesSomebody(rest, context, 1)
    if (another) return { kind: 'another', word: another }
    const count = argument.take(rest, context)
    if (typeof count === 'object')
      return { kind: 'invalid', argument: name, typed: rest.join(' '), params: count.problem }
    if (count === 0) {
      values[name] = argument.absent(context)
      if (values[name] === undefined) return { kind: 'missing', argument: name }
      if (argument.isPerson) context = { ...context, about: values[name] }
      continue
    }
    const typed = argument.isFreeText ? context.tail(rest.length) : rest.slice(0, count).join(' ')
    const read = argument.schema(context).safeParse(typed)
    if (!read.success) {
      const [issue] = read.error.issues
      return { kind: 'invalid', argument: name, typed, ...(issue?.code === 'custom' && { params: issue.params }) }
    }
    values[name] = read.data
    if (argument.isPerson) context = { ...context, about: read.data }
    rest = rest.slice(count)
  }
  const another = context.about !== undefined && namesSomebody(rest, context)
  if (another) return { kind: 'another', word: another }
  return rest[0] === undefined ? { kind: 'parsed', values } : { kind: 'extra', word: rest[0] }
}
