import { OWNER, OWNER2, openTestWarden } from './chatwarden.ts'
import { child, startNode } from './child.ts'
import { type Entry, readEntry } from './trail.ts'

/** What is left after two processes have each demoted the other's owner at the same moment. */
export interface RaceResult {
  /** How the two commands ended, in the order of the alphabet. */
  readonly statuses: readonly string[]
  /** The numbers of the owners left. */
  readonly owners: readonly string[]
  readonly changes: readonly Entry[]
  readonly denials: readonly Entry[]
}

/** One round, on a database of its own. Both processes have opened it before either begins. */
export async function raceOwners(): Promise<RaceResult> {
  const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const env = { DATABASE_URL: `file:${warden.path}`, DATA_DIR: warden.folder, CHAT: 'terminal' }
  const demote = (actor: string, target: string) =>
    startNode([child('demote-owner.mjs'), actor, target], { cwd: warden.folder, env })
  const racers = [demote(OWNER, OWNER2), demote(OWNER2, OWNER)]
  for (const racer of racers) await racer.line()
  for (const racer of racers) racer.send('go')
  const ended = await Promise.all(racers.map((racer) => racer.ended()))
  const byPeople = async (action: string) => {
    const entries = await warden.AuditLogRepository.findByAction(action, 1000)
    return entries.filter(({ source }) => source !== 'system').map(readEntry)
  }
  return {
    statuses: ended.flatMap(({ lines }) => lines).sort(),
    owners: warden
      .sql<{ phone_number: string }>("SELECT phone_number FROM users WHERE role = 'OWNER'")
      .map((row) => row.phone_number),
    changes: await byPeople('ROLE_CHANGE'),
    denials: await byPeople('PERMISSION_DENIED'),
  }
}

/**
 * Whether the loser still was an OWNER when its command began, and was stopped only by what the transaction read:
 * a denial inside names the target, one before does not.
 */
export const wasClose = ({ denials }: RaceResult): boolean => denials[0]?.metadata.targetUser !== undefined
