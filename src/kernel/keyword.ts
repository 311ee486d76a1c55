import { UNSEEN } from './phone-text.ts'

/** Marks with which chats draw text, around a word that is to stand out. */
const MARKED = /^([*_~`]{1,3})(.+)\1$/su

/** Text as it is compared: full-width letters are letters, accents stand apart, and all are small. */
export const folded = (text: string): string => text.normalize('NFKD').toLowerCase().replaceAll('i\u0307', 'i')

/** A word that is no name, id or text, without marks that nobody sees, which clipboards bring, and those that make it stand out. */
export function plainWord(typed: string): string {
  const seen = typed.replace(UNSEEN, '').trim()
  return MARKED.exec(seen)?.[2] ?? seen
}

/** A word of our own language, in whatever case and form of letters: some keyboards write full-width ones, or accents apart. */
export const keyword = (typed: string): string => folded(plainWord(typed)).normalize('NFC')
