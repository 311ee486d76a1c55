import { UNSEEN } from './phone-text.ts'

/** With which chats draw text; what is struck out is taken back, so it is none of them. */
const MARKS = '*_`'

/** Text as it is compared: full-width letters are letters, accents stand apart, and all are small, a sigma at the end too. */
export const folded = (text: string): string =>
  text.normalize('NFKD').toLowerCase().replaceAll('i\u0307', 'i').replaceAll('ς', 'σ')

/** A word without the marks around it that make it stand out. */
export function unmarked(word: string): string {
  let [from, to] = [0, word.length]
  while (to - from > 2 && MARKS.includes(word[from] ?? '') && word[from] === word[to - 1]) {
    from++
    to--
  }
  return word.slice(from, to)
}

/** A word that is no name, id or text, without marks that nobody sees, which clipboards bring, and those around it. */
export const plainWord = (typed: string): string => unmarked(typed.replace(UNSEEN, '').trim())

/** A word of our own language, in whatever case and form of letters: some keyboards write full-width ones, or accents apart. */
export const keyword = (typed: string): string => folded(plainWord(typed)).normalize('NFC')
