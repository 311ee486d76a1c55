const LAST_CODE_POINT = 0x10ffff

/** The digits from 0 to 9 of every script that has some (Unicode's Nd), found by what this Node knows of Unicode. */
export const DIGITS: readonly (readonly string[])[] = tens()

function tens(): string[][] {
  const all: string[] = []
  for (let at = 0; at <= LAST_CODE_POINT; at++) {
    const letter = String.fromCodePoint(at)
    if (/\p{Nd}/u.test(letter)) all.push(letter)
  }
  return Array.from({ length: Math.ceil(all.length / 10) }, (_, n) => all.slice(n * 10, n * 10 + 10))
}
