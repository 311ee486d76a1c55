import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import { FakeClock, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, startNode } from '../support/child.ts'
import { type Block, blocks } from '../support/operations-page.ts'

const SETTINGS = {
  DATABASE_URL: 'file:./data/chatwarden.db',
  DATA_DIR: './data',
  OWNER_PHONE_NUMBERS: '+15550001111,+15550002222',
  ADMIN_PHONE_NUMBERS: '+15550003333',
  OPERATOR_PHONE_NUMBERS: '',
  AUDIT_ARCHIVE: 'on',
  AUDIT_EXPORT_DIR: './data/audit-exports',
}

/** A bot's folder, with a trail of some months of which the first entries are in an archive. */
async function makeFolder(): Promise<string> {
  const folder = temporaryFolder(afterAll)
  const data = join(folder, 'data')
  mkdirSync(data)
  const now = Date.now()
  const clock = new FakeClock(now - 120 * DAY)
  const env = { ...SETTINGS, DATABASE_URL: `file:${data}/chatwarden.db`, DATA_DIR: data, AUDIT_EXPORT_DIR: '' }
  const cleanUps: (() => void | Promise<void>)[] = []
  const warden = await openTestWarden({ clock, env }, data, (cleanUp) => void cleanUps.push(cleanUp))
  const report = () => warden.AuditLogger.logRateLimitViolation({ phoneNumber: '+15550000401', limitType: 'user' })
  for (let n = 0; n < 20; n++) await report()
  clock.time = now - 2 * DAY
  await warden.cleanupExpiredAuditLogs()
  await report()
  await warden.say('+15550000401', '!config role list')
  clock.time = now - 1000
  await report()
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
  const lines = Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(folder, '.env'), lines.join(''))
  await runBot(folder)
  return folder
}

/** The bot runs until it has exported yesterday. */
async function runBot(cwd: string): Promise<void> {
  const bot = startNode([CLI, 'start'], { cwd }, afterAll)
  const exports = join(cwd, 'data/audit-exports')
  const hashes = () =>
    readdirSync(exports, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sha256'))
  await vi.waitFor(() => expect(hashes()).toHaveLength(2), { timeout: 60_000 })
  bot.process.stdin?.end()
  expect(await bot.ended()).toMatchObject({ code: 0 })
}

/** `chatwarden`, as an installed package puts it on the PATH; optimising code for a second's work takes a third of it. */
function makeCommand(): string {
  const folder = temporaryFolder(afterAll)
  writeFileSync(
    join(folder, 'chatwarden'),
    `#!/bin/sh\nexec '${process.execPath}' --no-opt --liftoff-only '${CLI}' "$@"\n`,
    { mode: 0o755 },
  )
  return folder
}

/** What it printed, stdout and stderr as a terminal shows them. */
async function runBash(text: string, cwd: string, path: string) {
  const { PATH = '', HOME = '/' } = process.env
  const bash = spawn('bash', ['-c', `exec 2>&1\nset -euo pipefail\n${text}`], {
    cwd,
    env: { PATH: `${path}:${PATH}`, HOME, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  const [code] = (await once(bash, 'close')) as [number | null]
  return { code, output }
}

let folder: string
let path: string
let usage: string
/** Why the blocks after a failed one are not tried: they build on it. */
let failed: string | undefined

beforeAll(async () => {
  folder = await makeFolder()
  path = makeCommand()
  usage = (await runNode([CLI, '--help'])).stdout
})

const runs = ({ language, notRun, needs }: Block): boolean =>
  language === 'bash' && notRun === undefined && (needs === undefined || usage.includes(`chatwarden ${needs} `))

test.for(blocks().map((block) => [block.name, block] as const))('%s', async ([name, block], { skip }) => {
  skip(!runs(block), block.notRun ?? `The command line has no ${block.needs}.`)
  skip(failed !== undefined, `${failed} failed.`)
  failed = name
  const { code, output } = await runBash(block.text, folder, path)
  expect({ code, output }).toMatchObject({ code: 0 })
  let from = 0
  for (const expected of block.expected) {
    const rest = output.slice(from)
    expect(rest).toMatch(expected)
    from += rest.search(expected)
  }
  failed = undefined
})
