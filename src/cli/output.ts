import { complain } from './print.ts'

/**
 * Takes the errors of what is printed. Who closed stdout has read enough (`| head`), and nothing more is said of it; what
 * else keeps it from being written is told. @returns whether that happened.
 */
export function watchOutput(): () => boolean {
  let isLost = false
  process.stderr.on('error', () => {})
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return
    isLost = true
    // It may be at the very end, after the exit code was set.
    process.exitCode = OUTPUT_LOST
    complain(`The answer could not be written: ${error.message}`)
  })
  return () => isLost
}

/** As for an answer in a chat that could not be delivered: it was done. */
export const OUTPUT_LOST = 3
