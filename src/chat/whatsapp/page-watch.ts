import type { Client } from 'whatsapp-web.js'
import { messageOf } from './breakage.ts'
import { within } from './deadline.ts'

interface PageEvents {
  readonly onGone: (why: string) => void
  /** The page is another one now, or only has another address: `isInjected` tells. */
  readonly onNavigated: () => void
}

/** Watches the browser of a client for what the library says nothing about. */
export function watchPage({ pupBrowser: browser, pupPage: page }: Client, { onGone, onNavigated }: PageEvents): void {
  browser?.once('disconnected', () => onGone('the browser is gone'))
  page?.once('error', (error) => onGone(`the page is gone: ${messageOf(error)}`))
  page?.once('close', () => onGone('the page was closed'))
  page?.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) onNavigated()
  })
}

/** Whether the library is in the page. It injects itself again after each navigation, whether it is needed or not. */
export async function isInjected(client: Client, deadline: number): Promise<boolean> {
  const look = client.pupPage?.evaluate('typeof window.WWebJS') ?? Promise.resolve('undefined')
  const type = await within('page', deadline, look).catch(() => 'undefined')
  return type !== 'undefined'
}
