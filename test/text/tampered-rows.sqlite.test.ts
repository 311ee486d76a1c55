import { dirname } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { copyFolder, testDatabase } from '../support/database.ts'
import { type FullTrail, makeFullTrail } from '../support/full-trail.ts'
import { expectHarmless } from '../support/hostile.ts'
import { HELD } from '../support/rich-trail.ts'
import { type Ran, runHere } from '../support/run-here.ts'
import { tamper } from '../support/tamper.ts'

/** What hides what follows on a terminal, by both sets of controls; draws in a chat; turns the writing; and begins a line of its own. */
const HOSTILE = ' \u001B[8m\u009B8m\u202E*BOLD* <b>\nMARK ok'
const OBEYED = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u
/** Ids by which rows of several tables belong together, and forms that the schema itself demands. */
const KEPT =
  /^(?:id|user_id|hash|seal|nonce|leaf_hash|checkpoint|metadata|arguments|reply|message|seqs|value|origin|key|statement)$/

/** By the last ones the bot would see at once that the trail is not its own. */
const BUT_THE_LAST = 'WHERE seq < (SELECT max(seq) - 3 FROM audit_logs)'

const cleanUps = shareCleanUps()
let trail: FullTrail

beforeAll(async () => {
  trail = await makeFullTrail(cleanUps.add)
}, 60_000)

/** A copy of the trail with that in all texts of it, or in those of some tables, but for who may do what. */
function hostileCopy(only?: readonly string[]) {
  const folder = temporaryFolder(cleanUps.add)
  copyFolder(dirname(trail.path), folder)
  const { path } = testDatabase(folder)
  tamper(path, (database) => {
    const columns = database
      .prepare(
        `SELECT m.name AS "table", c.name AS "column" FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND upper(c.type) = 'TEXT'`,
      )
      .all() as { table: string; column: string }[]
    for (const { table, column } of columns)
      if (!KEPT.test(column) && (only === undefined || (only.includes(table) && column !== 'role')))
        try {
          database.exec(
            `UPDATE ${table} SET ${column} = ${column} || '${HOSTILE}' ${table === 'audit_logs' ? BUT_THE_LAST : ''}`,
          )
        } catch {
          // What the table itself refuses nobody can have written.
        }
  })
  return { folder, path }
}

/** What a command of the command line printed, also where it ended with an error. */
async function printed(
  name: string,
  args: readonly string[],
  place: { folder: string; path: string },
): Promise<string> {
  const { run } = (await import(`../../src/cli/${name}.ts`)) as { run: (args: string[]) => Promise<number> }
  const { stdout, stderr }: Ran = await runHere((given) => run(given).catch(() => 3), args, place, {
    CHAT: 'terminal',
    LOG_LEVEL: 'warn',
  })
  return stdout + stderr
}

describe('whatever somebody wrote into the rows of a database', () => {
  test.each<[string, readonly string[]]>([
    ['verify', ['--no-entry']],
    ['verify', []],
    ['report', ['weekly']],
    ['archive', ['list']],
    ['archive', ['verify']],
    ['checkpoint', ['--no-entry']],
    ['doctor', []],
    ['confirm', []],
    ['key', []],
    ['say', ['--as', OWNER, '!config role list']],
  ])('a terminal obeys none of it: %s %j', async (name, args) => {
    const text = await printed(name, args, hostileCopy())
    expect(text).not.toMatch(OBEYED)
    expect(text).not.toMatch(/^MARK/m)
  })

  test.each(['verify', 'checkpoint'])('a terminal obeys nothing of the head of the trail: %s', async (name) => {
    const copy = hostileCopy([])
    tamper(copy.path, (database) =>
      database.exec(`UPDATE audit_head SET checkpoint = replace(checkpoint, '— ', '— ${HOSTILE}'), size = size + 1`),
    )
    expect(await printed(name, ['--no-entry'], copy)).not.toMatch(OBEYED)
  })

  test.each([[['users', 'blocks', 'audit_holds']], [['audit_logs']]])(
    'a chat takes none of it for a mark or a line: %j',
    async (tables) => {
      const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: OWNER } }, hostileCopy(tables).folder)
      let shown = 0
      for (const command of COMMANDS) {
        const takesPerson = Object.values(command.arguments).some(({ isPerson }) => isPerson)
        const handled = await warden.say(OWNER, `!config ${commandName(command)} ${takesPerson ? HELD : ''}`.trim())
        if (handled.status === 'failed') continue
        expectHarmless(handled)
        shown++
      }
      expect(shown).toBeGreaterThan(20)
    },
  )
})
