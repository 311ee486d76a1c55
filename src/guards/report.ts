import { callHost } from '../kernel/call-host.ts'

/**
 * Tells a host's callback. What goes wrong in it, at once or later, ends here: a guard goes on guarding, and a
 * callback that may fail has to see to that itself.
 */
export function report<T>(callback: ((what: T) => unknown) | undefined, what: T): void {
  callHost(
    () => callback?.(what),
    () => {},
  )
}
