import type { PhoneEnd } from '../../kernel/phone-end.ts'
import { literal } from '../markup.ts'

/** Asks where a number ends, with every way to write it for certain. `before`: what stands before it, such as `actor:`. */
export const phoneEnds = (readings: readonly PhoneEnd[], before = ''): string =>
  [
    'Where does the number end? Write it in quotes:',
    // Of many, those that take most of what looks like a number.
    ...readings.slice(-3).map(({ phone, after }) => `• ${before}"${phone}" ${literal(after.join(' '), 60)}`.trimEnd()),
  ].join('\n')
