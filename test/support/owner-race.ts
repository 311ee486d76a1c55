import { OWNER, OWNER2, openTestWarden, type TestWarden } from './chatwarden.ts'
import { child, startNode } from './child.ts'
import { codeFor } from './confirming.ts'
import { environmentOf } from './database.ts'
import { type Entry, readEntry } from './trail.ts'

/** What is left after two owners have stepped down at the same moment, each as the other asked. */
export interface RaceResult {
  /** How the two commands ended, in the order of the alphabet. */
  readonly statuses: readonly string[]
  /** Whether each command began before the other ended. */
  readonly wasClose: boolean
  /** The numbers of the owners left. */
  readonly owners: readonly string[]
  readonly changes: readonly Entry[]
  readonly denials: readonly Entry[]
}

/** What `send-at-once.mjs` prints. */
interface Lap {
  readonly status: string
  readonly began: number
  readonly ended: number
}

/** Two processes in which each of two owners sends that about the other. Both have opened the database before either begins. */
async function race(
  command: (warden: TestWarden, actor: string, target: string) => Promise<string>,
): Promise<{ warden: TestWarden; laps: readonly Lap[] }> {
  const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const env = environmentOf(warden.path)
  const commands = [await command(warden, OWNER, OWNER2), await command(warden, OWNER2, OWNER)]
  const send = (actor: string, text = '') =>
    startNode([child('send-at-once.mjs'), actor, text], { cwd: warden.folder, env })
  const racers = [send(OWNER, commands[0]), send(OWNER2, commands[1])]
  for (const racer of racers) await racer.line()
  for (const racer of racers) racer.send('go')
  const ended = await Promise.all(racers.map((racer) => racer.ended()))
  return { warden, laps: ended.flatMap(({ lines }) => lines).map((line): Lap => JSON.parse(line)) }
}

/** How the two commands ended, and the owners whose commands are answered then. */
export async function raceToBlock(): Promise<{
  readonly statuses: readonly string[]
  readonly able: readonly string[]
}> {
  const { warden, laps } = await race(async (_warden, _actor, target) => `!config user block ${target} for 1h`)
  const able: string[] = []
  for (const phone of [OWNER, OWNER2])
    if ((await warden.say(phone, '!config role list')).status === 'answered') able.push(phone)
  return { statuses: laps.map(({ status }) => status).sort(), able }
}

/** One round, on a database of its own: each confirms what the other asked for, to be no owner any more. */
export async function raceOwners(to: 'USER' | 'ADMIN'): Promise<RaceResult> {
  const { warden, laps } = await race(async (asking, actor, target) => {
    const asked = await asking.say(target, `!config role demote ${actor} ${to}`)
    return `!config confirm ${codeFor(asked, actor)}`
  })
  const byPeople = async (action: string) => {
    const entries = await warden.AuditLogRepository.findByAction(action, 1000)
    return entries.filter(({ source }) => source !== 'system').map(readEntry)
  }
  return {
    statuses: laps.map(({ status }) => status).sort(),
    wasClose: Math.max(...laps.map(({ began }) => began)) < Math.min(...laps.map(({ ended }) => ended)),
    owners: warden
      .sql<{ account: string }>(
        "SELECT a.account FROM users u JOIN accounts a ON a.user_id = u.id WHERE u.role = 'OWNER'",
      )
      .map((row) => row.account),
    changes: await byPeople('ROLE_CHANGE'),
    denials: await byPeople('PERMISSION_DENIED'),
  }
}
