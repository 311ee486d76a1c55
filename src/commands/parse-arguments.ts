import { plainWord } from '../kernel/keyword.ts'
import { looksLikePhone } from '../kernel/phone-text.ts'
import type { Argument, ReadContext } from './argument.ts'
import { namesSomebody } from './arguments/names-somebody.ts'
import { isOfEnds, type OfEnds } from './arguments/person.ts'
import type { Command } from './command.ts'

export type NotParsed = Exclude<Parsed, { kind: 'parsed' }>

export type Parsed =
  | { readonly kind: 'parsed'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'missing'; readonly argument: string }
  | { readonly kind: 'invalid'; readonly argument: string; readonly typed: string; readonly params?: unknown }
  | { readonly kind: 'extra'; readonly word: string }
  /** A second person, where a command is about one. */
  | { readonly kind: 'another'; readonly word: string }

/** Reads the words after a command as its arguments. */
export const parseArguments = (command: Command, words: readonly string[], known: ReadContext): Parsed =>
  read(Object.entries(command.arguments), words, known)

type Left = readonly (readonly [name: string, argument: Argument])[]

function read(left: Left, words: readonly string[], context: ReadContext): Parsed {
  const [[name, argument] = [], ...others] = left
  const isAbout = context.about !== undefined
  const another = isAbout && !argument?.isFreeText && namesSomebody(words, context, argument ? 1 : words.length)
  if (another) return { kind: 'another', word: another }
  if (name === undefined || argument === undefined)
    return words[0] === undefined ? { kind: 'parsed', values: {} } : { kind: 'extra', word: words[0] }
  const taken = argument.take(words, context)
  if (typeof taken === 'object') {
    const params = isOfEnds(taken.problem) ? sendable(taken.problem, others, context) : taken.problem
    return { kind: 'invalid', argument: name, typed: words.join(' '), params }
  }
  const value = taken === 0 ? absent(name, argument, context) : valueIn(name, argument, words, taken, context)
  if (value.kind !== 'value') return value
  const about = argument.isPerson && { about: value.value, ...(taken === 0 && { leftOutAt: words.length }) }
  const rest = read(others, words.slice(taken), { ...context, ...about })
  return rest.kind === 'parsed' ? { kind: 'parsed', values: { [name]: value.value, ...rest.values } } : rest
}

type Value = { readonly kind: 'value'; readonly value: unknown } | NotParsed

function absent(name: string, argument: Argument, context: ReadContext): Value {
  const value = argument.absent(context)
  return value === undefined ? { kind: 'missing', argument: name } : { kind: 'value', value }
}

function valueIn(
  name: string,
  argument: Argument,
  words: readonly string[],
  count: number,
  context: ReadContext,
): Value {
  const typed = argument.isFreeText ? context.tail(words.length) : words.slice(0, count).join(' ')
  // In a text, and in who somebody is, every mark may matter.
  const isOurs = !argument.isFreeText && !argument.isPerson
  const meant = isOurs ? words.slice(0, count).map(plainWord).join(' ') : typed
  const parsed = argument.schema(context).safeParse(meant)
  if (parsed.success) return { kind: 'value', value: parsed.data }
  const [issue] = parsed.error.issues
  return { kind: 'invalid', argument: name, typed, ...(issue?.code === 'custom' && { params: issue.params }) }
}

/** With the words after each place where a number may end as the command can take them. */
function sendable(problem: OfEnds, others: Left, context: ReadContext): OfEnds {
  const isFree = others.some(([, { isFreeText }]) => isFreeText)
  const readings = problem.readings.map((reading) => {
    const { after, phone } = reading
    const withoutDigits = after.slice(after.findIndex((word) => !looksLikePhone(word)))
    const ways = [after, ['for', ...after], ...(isFree ? [] : [withoutDigits])]
    const way = ways.find((it) => read(others, it, { ...context, about: phone }).kind === 'parsed')
    // What it can't be told how to say is left to be said.
    return { ...reading, after: way ?? (isFree ? ['…'] : []) }
  })
  return { ...problem, readings }
}
