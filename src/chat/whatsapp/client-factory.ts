import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Client, ClientOptions } from 'whatsapp-web.js'
import { CannotStart } from './cannot-start.ts'
import type { WhatsAppOptions } from './options.ts'

/** The library that all of this was tried with; others change what it relies on. */
const LIBRARY = 'whatsapp-web.js@1.34.7'

type WebVersion = Pick<WhatsAppOptions, 'webVersion' | 'webCacheDirectory'>

/** A client that was made and not yet initialized. */
export interface NewClient {
  readonly client: Client
  /** Ends the browser at whatever point of its life, also while it is being launched. */
  readonly kill: () => void
}

export interface ClientHooks {
  /** `client.pupBrowser` and `client.pupPage` exist; the page has not been loaded yet. */
  readonly onBrowser: () => void
  readonly onPairingFailed: (error: unknown) => void
}

/**
 * The version of the library, and of WhatsApp Web if it is to come from a directory.
 * @throws {CannotStart} if either is not there.
 */
export function assertLibrary({ webVersion, webCacheDirectory }: WebVersion): string {
  const page = webVersion && webCacheDirectory && join(webCacheDirectory, `${webVersion}.html`)
  if (page && !existsSync(page))
    throw new CannotStart(`WHATSAPP_WEB_CACHE_DIR has no ${page}. Put it there, or leave out WHATSAPP_WEB_VERSION.`)
  try {
    const require = createRequire(import.meta.url)
    return (require('whatsapp-web.js/package.json') as { version: string }).version
  } catch (cause) {
    throw new CannotStart(`The package whatsapp-web.js is not installed. Install it: npm install ${LIBRARY}`, { cause })
  }
}

/** The library is loaded with the first client, so that whoever only uses the terminal never pays for it. */
export async function createClient(
  options: WhatsAppOptions,
  browserPath: string,
  browserArguments: readonly string[],
  hooks: ClientHooks,
): Promise<NewClient> {
  const { default: whatsapp } = await import('whatsapp-web.js')
  const killing = new AbortController()
  const authStrategy = new whatsapp.LocalAuth({ dataPath: options.sessionDirectory })
  // The library would delete the profile under the open browser; the session does it when the browser is closed.
  authStrategy.logout = async () => {}
  authStrategy.afterBrowserInitialized = async () => hooks.onBrowser()
  const client = new whatsapp.Client({
    ...clientOptions(options),
    authStrategy,
    puppeteer: {
      headless: true,
      executablePath: browserPath,
      args: [...browserArguments],
      // By default puppeteer kills the browser at a signal and ends Node at SIGINT, with messages still on their way.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      signal: killing.signal,
    },
  })
  catchPairingErrors(client, hooks)
  return { client, kill: () => killing.abort() }
}

function clientOptions(options: WhatsAppOptions): ClientOptions {
  const { webVersion, webCacheDirectory, authTimeout, pairingPhone } = options
  return {
    authTimeoutMs: authTimeout,
    ...(webVersion !== undefined && { webVersion }),
    // The library's default writes every version it meets into the working directory.
    webVersionCache:
      webCacheDirectory === undefined ? { type: 'none' } : { type: 'local', path: webCacheDirectory, strict: true },
    ...(pairingPhone !== undefined && { pairWithPhoneNumber: { phoneNumber: pairingPhone.replace(/\D/g, '') } }),
  }
}

/** The library does not await the request for a pairing code, so its failure would be an unhandled rejection. */
function catchPairingErrors(client: Client, hooks: ClientHooks): void {
  const request = client.requestPairingCode.bind(client)
  client.requestPairingCode = async (...args) => {
    try {
      return await request(...args)
    } catch (error) {
      hooks.onPairingFailed(error)
      return ''
    }
  }
}
