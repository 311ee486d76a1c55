import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * A browser for tests: `TEST_BROWSER_PATH`, else one of the system, else the headless Chromium inside the npm package
 * `@sparticuz/chromium` (Linux on x64 only), which it unpacks into the temporary folder without any network.
 */
export async function findTestBrowser(): Promise<string> {
  const found = process.env.TEST_BROWSER_PATH ?? SYSTEM_BROWSERS.find((path) => existsSync(path))
  if (found) return found
  if (process.platform === 'linux' && process.arch === 'x64') return packagedBrowser()
  throw new Error('No browser for the tests. Install Chrome or Chromium, or set TEST_BROWSER_PATH to one.')
}

/**
 * Unpacked with the libraries that it needs and a bare system lacks (NSS), behind a script that shows it where they are.
 * Done once for all processes; of several that do it at once, one wins.
 */
export async function packagedBrowser(): Promise<string> {
  const script = join(tmpdir(), 'stand-in-browser-147.sh')
  if (existsSync(script)) return script
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-browser-'))
  // The package unpacks those libraries only where it takes the system for Amazon's.
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }
  const unpack = `(await import('@sparticuz/chromium')).default.executablePath()`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `await ${unpack}`], {
    env,
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  const own = join(folder, 'browser.sh')
  const paths = `LD_LIBRARY_PATH='${folder}/al2023/lib' FONTCONFIG_PATH='${folder}/fonts'`
  writeFileSync(own, `#!/bin/sh\n${paths} exec '${folder}/chromium' "$@"\n`, { mode: 0o755 })
  renameSync(own, script)
  return script
}

/**
 * Arguments with which a browser shows the stand-in on `port` and reaches nothing else. Since Chromium 142 a public page
 * may not talk to the own machine (Local Network Access); the first argument declares the stand-in's port public. It
 * also tells the browsers of one stand-in from all others on the machine.
 */
export function browserArguments(port: number): string[] {
  return [
    marker(port),
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ]
}

export const marker = (port: number) => `--ip-address-space-overrides=127.0.0.1:${port}=public`
