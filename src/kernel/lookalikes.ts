/** WhatsApp has no way to escape its markup: what shows a mark shows a letter that looks like it and means nothing. */
export const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' }

const MARKS = new Map(Object.entries(LOOKALIKES).map(([mark, letter]) => [letter, mark]))

/** Text that may have been copied from an answer, with the marks that it had before it was shown. */
export const withMarks = (text: string): string => text.replace(/[∗∼ˋˍ]/gu, (letter) => MARKS.get(letter) ?? letter)
