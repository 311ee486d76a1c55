import { BRANCHING } from '../entry/branching.ts'
import { type Branch, type Checkpoint, isSameBranch } from '../tree/checkpoint.ts'
import type { Finding } from './finding.ts'
import type { ReplayedEntry } from './replay.ts'

/** Where the trail left others, as its entries say. */
export class Branches {
  readonly actions = BRANCHING
  readonly #own: (Branch & { readonly by: string })[] = []

  take({ seq, leaf, action, createdAt }: ReplayedEntry): void {
    this.#own.push({ index: seq, leaf, by: `entry ${seq} (${action} of ${createdAt.toISOString()})` })
  }

  /** What is wrong with the branch that the signed head names. */
  findingsIn({ branch }: Pick<Checkpoint, 'branch'>): Finding[] {
    if (isSameBranch(branch, this.#own.at(-1))) return []
    return [{ kind: 'altered', about: 'the branch that the head names is not that of the entries' }]
  }

  /**
   * Of a checkpoint that today's trail does not extend: it is of the other branch, or this one is not what was signed.
   * `size`: how many entries today's trail has.
   */
  notExtended({ size: keptSize, branch }: Checkpoint, size: number): Finding {
    const own = this.#own.filter(({ index }) => index < keptSize)
    const changed = `the trail is not what the kept checkpoint of ${keptSize} entries says`
    // Where it left a trail that was longer than this one, there is nothing to tell it by.
    if (isSameBranch(branch, own.at(-1)) || (branch !== undefined && branch.index >= size))
      return { kind: 'rolled back', about: changed }
    const isShared = branch === undefined || own.some((each) => isSameBranch(each, branch))
    const left = own.find(({ index }) => branch === undefined || index > branch.index)
    const where = isShared
      ? `this trail left it with ${left?.by}`
      : `it left this trail with an entry ${branch.index} of its own${own.length > 0 ? ', if not before' : ''}`
    return { kind: 'forked', about: `the kept checkpoint of ${keptSize} entries is of another branch: ${where}` }
  }
}
