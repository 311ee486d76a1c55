import { MINUTE } from '../../kernel/clock.ts'
import type { CommandContext } from '../command.ts'

/** Tells the caller how far something has come, at most once a minute. */
export function minutely(
  { clock, progress }: Pick<CommandContext, 'clock' | 'progress'>,
  text: (percent: number) => string,
): (done: number, total: number) => void {
  let last = clock.now()
  return (done, total) => {
    if (clock.now() - last < MINUTE || done >= total) return
    last = clock.now()
    progress(text(Math.floor((100 * done) / total)))
  }
}
