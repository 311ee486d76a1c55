import type { Logger } from '../../kernel/log.ts'
import { messageOf } from './breakage.ts'
import type { NewClient } from './client-factory.ts'
import { within } from './deadline.ts'
import { endProcess } from './processes.ts'

/** Closes the browser, or kills it after `patience` ms, so that nothing is left of it when this resolves. */
export async function closeBrowser({ client, kill }: NewClient, patience: number, log: Logger): Promise<void> {
  const browser = client.pupBrowser
  try {
    // Before the launch is complete there is no browser to close, only one to kill.
    if (browser) await within('closing the browser', patience, client.destroy())
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'WhatsApp: the browser did not close and is killed')
  }
  kill()
  const running = browser?.process()
  if (running?.pid !== undefined && running.exitCode === null && running.signalCode === null)
    await endProcess(running.pid, 0)
}
