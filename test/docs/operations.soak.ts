import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { FakeClock, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, startNode } from '../support/child.ts'
import { type Block, blocks } from '../support/operations-page.ts'
import { makeCommand, runBlock } from '../support/operations-run.ts'

const SETTINGS = {
  DATABASE_URL: 'file:./data/chatwarden.db',
  DATA_DIR: './data',
  OWNER_PHONE_NUMBERS: '+15550001111,+15550002222',
  ADMIN_PHONE_NUMBERS: '+15550003333',
  OPERATOR_PHONE_NUMBERS: '',
  AUDIT_ARCHIVE: 'on',
  AUDIT_EXPORT_DIR: './data/audit-exports',
}

const cleanUps = shareCleanUps()

/** A bot's folder, with a trail of some months of which the first entries are in an archive. */
async function makeFolder(): Promise<string> {
  const folder = temporaryFolder(cleanUps.add)
  const data = join(folder, 'data')
  mkdirSync(data)
  const now = Date.now()
  const clock = new FakeClock(now - 120 * DAY)
  const env = { ...SETTINGS, DATABASE_URL: `file:${data}/chatwarden.db`, DATA_DIR: data, AUDIT_EXPORT_DIR: '' }
  const ends: (() => void | Promise<void>)[] = []
  const warden = await openTestWarden({ clock, env }, data, (end) => void ends.push(end))
  const report = () => warden.AuditLogger.logRateLimitViolation({ phoneNumber: '+15550000401', limitType: 'user' })
  for (let n = 0; n < 20; n++) await report()
  clock.time = now - 2 * DAY
  await warden.cleanupExpiredAuditLogs()
  await report()
  await warden.say('+15550000401', '!config role list')
  clock.time = now - 1000
  await report()
  for (const end of ends.reverse()) await end()
  const lines = Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(folder, '.env'), lines.join(''))
  await runBot(folder)
  return folder
}

/** The bot runs until it has exported yesterday. */
async function runBot(cwd: string): Promise<void> {
  const bot = startNode([CLI, 'start'], { cwd }, cleanUps.add)
  const exports = join(cwd, 'data/audit-exports')
  const hashes = () =>
    readdirSync(exports, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sha256'))
  await vi.waitFor(() => expect(hashes()).toHaveLength(2), { timeout: 60_000 })
  bot.process.stdin?.end()
  expect(await bot.ended()).toMatchObject({ code: 0 })
}

let folder: string
let path: string
let usage: string
/** Why the blocks after a failed one are not tried: they build on it. */
let failed: string | undefined

beforeAll(async () => {
  folder = await makeFolder()
  path = makeCommand(cleanUps.add)
  usage = (await runNode([CLI, '--help'])).stdout
})

const runs = ({ language, notRun, needs, isForServer }: Block): boolean =>
  language === 'bash' &&
  !isForServer &&
  notRun === undefined &&
  (needs === undefined || usage.includes(`chatwarden ${needs} `))

test.for(
  blocks()
    .filter(({ isForServer }) => !isForServer)
    .map((block) => [block.name, block] as const),
)('%s', async ([name, block], { skip }) => {
  skip(!runs(block), block.notRun ?? `The command line has no ${block.needs}.`)
  skip(failed !== undefined, `${failed} failed.`)
  failed = name
  await runBlock(block, folder, path)
  failed = undefined
})
