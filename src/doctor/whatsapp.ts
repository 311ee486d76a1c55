import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { findBrowser } from '../chat/whatsapp/browser.ts'
import { assertLibrary } from '../chat/whatsapp/client-factory.ts'
import { holderOf } from '../chat/whatsapp/lock.ts'
import { TIMINGS } from '../chat/whatsapp/timings.ts'
import type { WhatsAppConfig } from '../config/whatsapp.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

export async function checkWhatsApp(config: WhatsAppConfig): Promise<Finding[]> {
  return [checkLibrary(config), await checkBrowser(config), await checkSession(config)]
}

function checkLibrary(config: WhatsAppConfig): Finding {
  try {
    return ok('WhatsApp library', `whatsapp-web.js ${assertLibrary(config)}`)
  } catch (error) {
    return refusal('WhatsApp library', error)
  }
}

/** Not only that it is there: that it runs, for which the libraries of the system may be missing. */
async function checkBrowser({ browserPath }: WhatsAppConfig): Promise<Finding> {
  let path = ''
  try {
    path = findBrowser(browserPath)
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 15_000 })
    return ok('Browser', `${path}: ${stdout.trim()}`)
  } catch (error) {
    if (path === '') return refusal('Browser', error)
    const [reason = ''] = String((error as { stderr?: unknown }).stderr || error).split('\n')
    return problem(
      'Browser',
      `${path} does not run: ${reason}`,
      'Install it anew, or set WHATSAPP_BROWSER_PATH to another.',
    )
  }
}

async function checkSession({ sessionDirectory }: WhatsAppConfig): Promise<Finding> {
  const directory = resolve(sessionDirectory)
  // A directory that can't be read is told of by a check of its own.
  const holder = await holderOf(directory, TIMINGS.lock.watch).catch(() => undefined)
  if (holder !== undefined)
    return warning('WhatsApp session', `${directory} is in use by ${holder}`, 'Only one bot can run on a session.')
  const isPaired = existsSync(join(directory, 'session'))
  return ok('WhatsApp session', isPaired ? `${directory} holds one` : `none yet: the next start shows a QR code`)
}

/** What refuses to start says by itself what to do: the first sentence is the problem, the rest the advice. */
function refusal(name: string, error: unknown): Finding {
  const message = error instanceof ChatwardenError ? error.message.split('\n').slice(1).join('\n') : String(error)
  const [text = '', ...advice] = message.split(/(?<=\.) /)
  return problem(name, text, advice.join(' '))
}
