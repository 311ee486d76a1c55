import { Presets, SingleBar } from 'cli-progress'

/** How far something long has come. */
export interface ProgressBar {
  update(done: number, total: number): void
  /** Takes the bar away. Ending twice is fine. */
  end(): void
}

/** A bar on stderr where somebody watches it; nothing elsewhere. `unit`: what is counted. */
export function progressBar(unit: string): ProgressBar {
  if (!process.stderr.isTTY) return { update: () => {}, end: () => {} }
  const format = `{bar} {percentage} % | {value} of {total} ${unit} | {eta_formatted} left`
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true, fps: 5 }, Presets.shades_classic)
  let isShown = false
  return {
    update: (done, total) => {
      if (!isShown) bar.start(total, done)
      isShown = true
      bar.setTotal(total)
      bar.update(done)
    },
    end: () => {
      if (isShown) bar.stop()
      isShown = false
    },
  }
}
