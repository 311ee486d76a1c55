import { literal } from '../markup.ts'

/** Why it is not certain how long is meant. */
export type HowLongProblem =
  | { readonly kind: 'unreadable' }
  /** `1M` */
  | { readonly kind: 'minutes-or-months' }
  /** What follows a time may belong to it, as in `for 2h 30`. */
  | { readonly kind: 'goes-on'; readonly typed: string; readonly reason: string }
  /** `2h spam` may be two hours or a reason, and `für 2h` is hardly one. `meant`: how to say the time, where it is plain. */
  | { readonly kind: 'unsaid'; readonly typed: string; readonly meant: string | undefined }

const LENGTHS = [
  'How long? From a minute to a year:',
  '• for 2h, for 3 days',
  '• until 18:00, until tomorrow 09:00,',
  '   until YYYY-MM-DD 09:00',
  '• forever',
]

/** What is asked where it is not certain how long something shall last. */
export const howLong = {
  problem: (problem: HowLongProblem): string => {
    switch (problem.kind) {
      case 'unreadable':
        return [...LENGTHS, 'It comes first; then the reason, in "quotes" if it has a time in it.'].join('\n')
      case 'goes-on':
        return [
          ...LENGTHS,
          'If what follows is the reason:',
          `• ${literal(problem.typed, 60)} "${literal(problem.reason, 60)}"`,
        ].join('\n')
      case 'minutes-or-months':
        return 'Is M minutes or months? Write 1min or 1mo.'
      case 'unsaid':
        return [
          'How long? After the person, write:',
          problem.meant === undefined ? '• for 2h …, or until 18:00 …' : `• for ${literal(problem.meant, 60)}`,
          `• forever ${literal(problem.typed, 60)}`,
        ].join('\n')
    }
  },
}
