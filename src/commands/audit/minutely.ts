import { MINUTE, runningTime } from '../../kernel/clock.ts'
import type { CommandContext } from '../command.ts'

/** Tells the caller how far something has come, at most once a minute. */
export function minutely(
  { clock, progress }: Pick<CommandContext, 'clock' | 'progress'>,
  text: (percent: number) => string,
): (done: number, total: number) => void {
  let last = runningTime(clock)
  return (done, total) => {
    if (runningTime(clock) - last < MINUTE || done >= total) return
    last = runningTime(clock)
    progress(text(Math.floor((100 * done) / total)))
  }
}
