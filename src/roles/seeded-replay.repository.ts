import { SYSTEM } from '../audit/entry/entry.ts'
import { SEEDING } from '../audit/entry/standing.ts'
import type { Replay, ReplayedEntry } from '../audit/verify/replay.ts'
import type { Snapshot } from '../storage/contract.ts'
import { differences } from './replay.repository.ts'

/** The accounts of the configuration that were given their role once: the next start gives it to all others. */
export class SeededReplay implements Replay {
  readonly actions = ['ROLE_CHANGE', 'ROLE_SEEDED']
  readonly #roles = new Map<string, string>()

  take({ action, account, resourceId, metadata }: ReplayedEntry): void {
    if (action === 'ROLE_SEEDED') this.#roles.set(String(resourceId), String(metadata.role))
    else if (account === SYSTEM.account && metadata.reason === SEEDING)
      this.#roles.set(String(resourceId), String(metadata.newRole))
  }

  async compare(snapshot: Snapshot): Promise<string[]> {
    const rows = await snapshot.read<[string, string]>('SELECT account, role FROM seeded_accounts')
    return differences('role by the configuration', this.#roles, new Map(rows))
  }
}
