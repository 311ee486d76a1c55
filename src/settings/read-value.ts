import { valueIn } from '../kernel/json.ts'
import { keyword, plainWord } from '../kernel/keyword.ts'
import { parse } from './parse.ts'
import type { Setting } from './setting.ts'

const WORDS: Readonly<Record<string, boolean>> = {
  on: true,
  yes: true,
  true: true,
  off: false,
  no: false,
  false: false,
}

/** The longest value that can be typed. A secret may be a long key; any other value is also an entry of the trail. */
export const longestValue = ({ secret }: Setting): number => (secret ? 1000 : 200)

/** What the schema takes of a typed text: itself, or the number, the truth or the JSON that it means. */
export function readValue(setting: Setting, typed: string): { readonly input: unknown } | undefined {
  if (typed.length > longestValue(setting)) return undefined
  return meanings(typed)
    .map((input) => ({ input }))
    .find(({ input }) => parse(setting.schema, input) !== undefined)
}

function meanings(typed: string): unknown[] {
  const plain = plainWord(typed)
  const small = keyword(typed)
  const word = Object.hasOwn(WORDS, small) ? WORDS[small] : undefined
  return [
    typed,
    // Telephones begin what is written with a capital.
    typed.toLowerCase(),
    plain,
    small,
    ...(word === undefined ? [] : [word]),
    ...(/^-?[0-9]+(?:\.[0-9]+)?$/.test(plain) ? [Number(plain)] : []),
    ...(/^[[{]/.test(typed) ? [valueIn(typed)].filter((value) => value !== undefined) : []),
  ]
}
