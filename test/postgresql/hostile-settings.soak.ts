import { describe, expect, onTestFinished, test } from 'vitest'
import type { Opened } from '../../src/app/opened.ts'
import { run as doctor } from '../../src/cli/doctor.ts'
import { run as verify } from '../../src/cli/verify.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { FakeClock, OWNER, openTestWarden, STRANGER, temporaryFolder, USER } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { startDebianServer } from '../support/debian-server.ts'
import { HOSTILE, REFUSED } from '../support/hostile-settings.ts'
import { serverUrl } from '../support/server-url.ts'
import { ask, makeTwoRoles, type TwoRoles } from '../support/two-roles.ts'

/** With `SOAK_ROUNDS` every so many of them alone, besides all at once. */
const EVERY = process.env.SOAK_ROUNDS === undefined ? 1 : 16

const COMMANDS = [
  `!config role promote ${USER} OPERATOR`,
  `!config user block ${STRANGER} for 90m spam, with "quotes" \\ and 'others' – ñ 漢字 🐘`,
  '!config role list',
  '!config audit list',
  `!config audit user ${STRANGER}`,
  '!config audit search category:role_management since:2026-06-01',
  '!config audit stats',
]

/** What a bot says and keeps, without what is another each time. */
async function whatABotDoes(warden: Opened & { say: Awaited<ReturnType<typeof openTestWarden>>['say'] }) {
  const told: unknown[] = []
  for (const text of COMMANDS) {
    const { status, replies } = await warden.say(OWNER, text, { id: `m${told.length}` })
    told.push(
      status,
      replies.map((reply) => reply.text),
    )
  }
  await warden.AuditLogger.logCostThresholdBreach({ threshold: 1e-7, actual: 0.1 + 0.2, period: 'daily' })
  const found = await warden.AuditLogRepository.getRecent(100)
  const plain = (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9A-Z]{26}\b/g, 'ID')
  return plain(JSON.stringify({ told, found: found.map((entry) => ({ ...entry, id: '' })) }))
}

interface Tried {
  /** What a bot said and kept, and what `verify` says of it. */
  readonly did?: string
  readonly verified?: string
  /** Why there is none, how many tables there are then, and how `doctor` ends. */
  readonly refused?: string
  readonly tables?: number
  readonly code?: number
}

async function tried(roles: TwoRoles): Promise<Tried> {
  const folder = temporaryFolder()
  const closing: (() => void | Promise<void>)[] = []
  const env = { DATABASE_URL: roles.applicationUrl, DATA_DIR: folder, OWNER_PHONE_NUMBERS: OWNER, CHAT: 'terminal' }
  try {
    await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, undefined)
    const warden = await openTestWarden({ env, clock: new FakeClock() }, folder, (end) => void closing.push(end))
    const did = await whatABotDoes(warden)
    for (const end of closing.splice(0).reverse()) await end()
    const { code, out } = await onCommandLine(() => verify([]), env)
    return { did, verified: `${code} ${out.includes('Internally consistent')}` }
  } catch (error) {
    for (const end of closing.reverse()) await end()
    const tables = await ask(roles.adminUrl, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    const { code } = await onCommandLine(() => doctor([]), env)
    return {
      refused: `${(error as { code?: string }).code}: ${(error as Error).message}`,
      tables: tables.length,
      code,
    }
  }
}

/** Where two begin to be otherwise. */
function difference(...both: readonly object[]): readonly string[] {
  const texts = both.map((each) => JSON.stringify(each))
  const at = Array.from({ length: texts[0]?.length ?? 0 }, (_, index) => index).find(
    (index) => texts[0]?.[index] !== texts[1]?.[index],
  )
  return texts.map((text) => text.slice(Math.max(0, (at ?? 0) - 60), (at ?? 0) + 120))
}

async function setFor(roles: TwoRoles, settings: readonly string[], what: 'DATABASE' | 'ROLE'): Promise<number> {
  let set = 0
  for (const setting of settings) {
    const names = what === 'DATABASE' ? [roles.database] : [roles.owner, roles.application]
    // Some are not there in all versions, or can't be set so.
    for (const name of names)
      await ask(roles.adminUrl, `ALTER ${what} ${name} SET ${setting}`).then(
        () => set++,
        () => {},
      )
  }
  return set
}

describe.each([
  ['the newest PostgreSQL', async () => serverUrl()] as const,
  ['Debian’s', async () => (await startDebianServer(onTestFinished)).url] as const,
])('%s', (_name, start) => {
  test('works the same whatever is set for a database or a user, or refuses before the first table', async () => {
    const server = await start()
    const expected = await tried(await makeTwoRoles(server))
    expect(expected).toMatchObject({ did: expect.stringContaining('漢字'), verified: '0 true' })
    const wrong: unknown[] = []
    let refused = 0
    let set = 0
    const attempt = async (settings: readonly string[], what: 'DATABASE' | 'ROLE') => {
      const roles = await makeTwoRoles(server)
      const count = await setFor(roles, settings, what)
      set += count
      const found = await tried(roles)
      // What is set for a user counts for each database.
      for (const role of [roles.owner, roles.application]) await ask(server, `ALTER ROLE ${role} RESET ALL`)
      const { refused: refusal = '', tables, code } = found
      const mayBeRefused = count > 0 && REFUSED.test(settings.join())
      const isRefused = REFUSED.test(refusal) && refusal.startsWith('CONFIG_INVALID') && tables === 0 && code === 3
      const isSame = JSON.stringify(found) === JSON.stringify(expected)
      if (isRefused) refused++
      if (mayBeRefused ? !isRefused : !isSame)
        wrong.push({ settings, what, found: found.did === undefined ? found : difference(found, expected) })
    }
    const bearable = HOSTILE.filter((setting) => !REFUSED.test(setting))
    await attempt(bearable, 'DATABASE')
    await attempt(bearable, 'ROLE')
    for (const [index, setting] of HOSTILE.entries())
      if (index % EVERY === 0 || REFUSED.test(setting)) await attempt([setting], index % 2 === 0 ? 'DATABASE' : 'ROLE')
    console.log(`${HOSTILE.length} settings, ${set} set, ${refused} times refused, ${wrong.length} otherwise`)
    expect(wrong).toEqual([])
  })
})
