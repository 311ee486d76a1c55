/** How often the event loop is looked at, in milliseconds. */
const STEP = 5

/**
 * Measures how late the event loop is. A stall counts for every look that it kept from happening, not as one: else
 * a loop that stood still for seconds would have a fine 99th percentile.
 */
export function measureLag(): { stop(): { readonly p99: number } } {
  const lags: number[] = []
  let expected = performance.now() + STEP
  const look = () => {
    const now = performance.now()
    for (let lag = Math.max(0, now - expected); lag >= 0; lag -= STEP) lags.push(lag)
    expected = now + STEP
    timer = setTimeout(look, STEP)
  }
  let timer = setTimeout(look, STEP)
  return {
    stop: () => {
      clearTimeout(timer)
      look()
      clearTimeout(timer)
      lags.sort((a, b) => a - b)
      return { p99: lags[Math.floor(lags.length * 0.99)] ?? 0 }
    },
  }
}
