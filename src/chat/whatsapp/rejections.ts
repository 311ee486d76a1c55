import { isBreakage } from './breakage.ts'

/** Tells the listeners of all connections in this process from those of the host. */
const OURS = Symbol.for('chatwarden.whatsapp.rejections')

type Handler = NodeJS.UnhandledRejectionListener

/**
 * The library injects itself into a reloaded page in a handler that nobody awaits: if that fails, Node ends. While this
 * runs, such a rejection goes to `onBreakage`; every other one goes its usual way. Returns what ends it.
 */
export function watchRejections(onBreakage: (reason: unknown) => void): () => void {
  const handler: Handler = (reason) => {
    if (isBreakage(reason)) onBreakage(reason)
    else if (process.listeners('unhandledRejection').every(isOurs)) leaveToNode(reason)
  }
  Object.assign(handler, { [OURS]: true })
  process.on('unhandledRejection', handler)
  return () => process.off('unhandledRejection', handler)
}

const isOurs = (handler: Handler): boolean => OURS in handler

/** Our listener alone would silence the rejection, so it is raised once more with none: Node does what it was told to. */
function leaveToNode(reason: unknown): void {
  const ours = process.listeners('unhandledRejection')
  for (const handler of ours) process.off('unhandledRejection', handler)
  void Promise.reject(reason)
  setImmediate(() => {
    for (const handler of ours) process.on('unhandledRejection', handler)
  })
}
