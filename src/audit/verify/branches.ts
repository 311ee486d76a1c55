import { BRANCH_ACTIONS } from '../entry/branch-actions.ts'
import { type Branch, type Checkpoint, firstDifference } from '../tree/checkpoint.ts'
import type { Finding } from './finding.ts'
import type { ReplayedEntry } from './replay.ts'

/** Where the trail left others, as its entries and its head say. */
export class Branches {
  readonly actions = BRANCH_ACTIONS
  readonly #own: (Branch & { readonly by: string })[] = []

  take({ seq, leaf, action, createdAt }: ReplayedEntry): void {
    this.#own.push({ index: seq, leaf, by: `entry ${seq} (${action} of ${createdAt.toISOString()})` })
  }

  /** What is wrong with the branches that the signed head names. */
  findingsIn({ branches }: Pick<Checkpoint, 'branches'>): Finding[] {
    const { ours, theirs } = firstDifference(this.#own, branches)
    if (ours === undefined && theirs === undefined) return []
    const said = (branch: Branch | undefined) => (branch === undefined ? 'none' : `one since entry ${branch.index}`)
    return [{ kind: 'altered', about: `branches in the head: ${said(theirs)}, by the entries ${said(ours)}` }]
  }

  /**
   * Of a checkpoint that the trail does not extend: it is of another branch, or this one is not what was signed. `head` is
   * the trail's own; without one that is signed nobody can tell.
   */
  notExtended({ size: keptSize, branches }: Checkpoint, head: Checkpoint | undefined): Finding {
    // All that this trail has signed of that size names those before it.
    const own = head?.branches?.filter(({ index }) => index < keptSize) ?? []
    const { ours, theirs } = firstDifference(own, branches)
    const kept = `the kept checkpoint of ${keptSize} entries`
    if (ours !== undefined && (theirs === undefined || ours.index <= theirs.index)) {
      const by = this.#own.find(({ index }) => index === ours.index)?.by ?? `entry ${ours.index}`
      return { kind: 'forked', about: `${kept} is of another branch, which this trail left with ${by}` }
    }
    if (head === undefined || theirs === undefined)
      return { kind: 'rolled back', about: `the trail is not what ${kept} says` }
    if (theirs.index < head.size)
      return {
        kind: 'forked',
        about: `${kept} is of another branch, which left this trail with its entry ${theirs.index}`,
      }
    const about = `${kept} is of a branch that begins with entry ${theirs.index}, and this trail ends before: it is an older copy of that one, or what that one left`
    return { kind: 'rolled back', about }
  }
}
