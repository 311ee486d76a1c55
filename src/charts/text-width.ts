/** Advances in Inter SemiBold, in ems, rounded up: its regular weight is narrower. */
const DIGIT = 0.67
const NARROW = 0.32
const M = 0.93

/** At most how wide a number as in 12,345 or 1.2M is, in pixels: nothing in Node measures text before it is drawn. */
export function widthOf(number: string, fontSize: number): number {
  const ems = Array.from(number, (character) => (/[,.]/.test(character) ? NARROW : character === 'M' ? M : DIGIT))
  return ems.reduce((width, advance) => width + advance, 0) * fontSize
}
