import { OWNER, OWNER2, openTestWarden } from './chatwarden.ts'
import { child, startNode } from './child.ts'
import { type Entry, readEntry } from './trail.ts'

/** What is left after two processes have each demoted the other's owner at the same moment. */
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

/** What `demote-owner.mjs` prints. */
interface Lap {
  readonly status: string
  readonly began: number
  readonly ended: number
}

/**
 * One round, on a database of its own. Both processes have opened it before either begins. Who is demoted to USER may
 * not run the command at all any more; who is demoted to ADMIN still may, but not on an OWNER.
 */
export async function raceOwners(to: 'USER' | 'ADMIN'): Promise<RaceResult> {
  const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const env = { DATABASE_URL: `file:${warden.path}`, DATA_DIR: warden.folder }
  const demote = (actor: string, target: string) =>
    startNode([child('demote-owner.mjs'), actor, target, to], { cwd: warden.folder, env })
  const racers = [demote(OWNER, OWNER2), demote(OWNER2, OWNER)]
  for (const racer of racers) await racer.line()
  for (const racer of racers) racer.send('go')
  const ended = await Promise.all(racers.map((racer) => racer.ended()))
  const laps = ended.flatMap(({ lines }) => lines).map((line): Lap => JSON.parse(line))
  const byPeople = async (action: string) => {
    const entries = await warden.AuditLogRepository.findByAction(action, 1000)
    return entries.filter(({ source }) => source !== 'system').map(readEntry)
  }
  return {
    statuses: laps.map(({ status }) => status).sort(),
    wasClose: Math.max(...laps.map(({ began }) => began)) < Math.min(...laps.map(({ ended }) => ended)),
    owners: warden
      .sql<{ phone_number: string }>("SELECT phone_number FROM users WHERE role = 'OWNER'")
      .map((row) => row.phone_number),
    changes: await byPeople('ROLE_CHANGE'),
    denials: await byPeople('PERMISSION_DENIED'),
  }
}
