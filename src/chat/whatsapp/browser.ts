import { execFileSync } from 'node:child_process'
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CannotStart } from './cannot-start.ts'

const HOW_TO_GET_ONE = `One of these will do:
  - install Chromium or Chrome (Debian and Ubuntu: apt install chromium; macOS: brew install --cask google-chrome)
  - let puppeteer fetch one: npx puppeteer browsers install chrome
  - set WHATSAPP_BROWSER_PATH to the executable of one that you have`

/**
 * The browser that shows WhatsApp Web: the configured one, else the system's, else one that puppeteer has fetched.
 * @throws {CannotStart} naming the ways to get one.
 */
export function findBrowser(configured: string | undefined, places: () => readonly string[] = usualPlaces): string {
  if (configured !== undefined && !isExecutable(configured))
    throw new CannotStart(`WHATSAPP_BROWSER_PATH is ${configured}, but there is no program. ${HOW_TO_GET_ONE}`)
  const found = configured ?? places().find(isExecutable)
  if (found === undefined)
    throw new CannotStart(`WhatsApp Web runs in a browser, and none was found. ${HOW_TO_GET_ONE}`)
  return found
}

/** For a browser that shows one page and nothing else. The sandbox stays, but Chromium has none to offer to root. */
export function defaultArguments(isRoot = process.getuid?.() === 0): string[] {
  return [
    ...(isRoot ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']

function usualPlaces(): string[] {
  return [...systemPlaces(), ...onPath(), ...puppeteersCache()]
}

function systemPlaces(): string[] {
  if (process.platform === 'win32') {
    const roots = ['C:/Program Files', 'C:/Program Files (x86)', join(homedir(), 'AppData/Local')]
    const programs = ['Google/Chrome', 'Chromium', 'Microsoft/Edge']
    const paths = programs.flatMap((program) => roots.map((root) => join(root, program, 'Application')))
    return paths.map((path) => join(path, path.includes('Edge') ? 'msedge.exe' : 'chrome.exe'))
  }
  if (process.platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((app) => `${app}.app/Contents/MacOS/${app}`)
    return ['/Applications', join(homedir(), 'Applications')].flatMap((root) => apps.map((app) => join(root, app)))
  }
  const directories = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome']
  return directories.flatMap((directory) => NAMES.map((name) => join(directory, name)))
}

/** The shell knows the path; a system without a shell has none of these browsers. */
function onPath(): string[] {
  try {
    const script = `for name in ${NAMES.join(' ')}; do command -v $name; done; true`
    return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
  } catch {
    return []
  }
}

/** `~/.cache/puppeteer/chrome/linux-131.0.6778.204/chrome-linux64/chrome`, the newest first. */
function puppeteersCache(): string[] {
  const chrome = join(homedir(), '.cache/puppeteer/chrome')
  const builds = entries(chrome).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const mac = 'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing'
  return builds.flatMap((build) =>
    entries(join(chrome, build)).flatMap((folder) =>
      ['chrome', 'chrome.exe', mac].map((program) => join(chrome, build, folder, program)),
    ),
  )
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
