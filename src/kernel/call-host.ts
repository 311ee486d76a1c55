import { readable } from './readable.ts'

/** Calls a function of the host's. What goes wrong in it, at once or later, ends in `onFailure`. */
export function callHost(call: () => unknown, onFailure: (err: unknown) => void): void {
  new Promise((resolve) => resolve(call())).catch((thrown) => onFailure(readable(thrown)))
}
