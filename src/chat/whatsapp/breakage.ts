// What the library throws by itself, as text, and what puppeteer says when the page or the browser went away.
const LIBRARY = new Set<unknown>(['auth timeout', 'ready timeout'])
const PUPPETEER =
  /Target closed|Session closed|Connection closed|detached Frame|frame (was|got) detached|Execution context|Page crashed|Protocol error|protocolTimeout|Navigation failed because browser/i

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether an error says that the page or the browser is gone, and not that the call was a wrong one. */
export function isBreakage(error: unknown): boolean {
  return LIBRARY.has(error) || (error instanceof Error && PUPPETEER.test(error.message))
}

/** Whether it is gone for good. A context that was destroyed is only a reload: the same page comes back. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && /Target closed|Session closed|Connection closed|detached Frame/i.test(error.message)
}
