import type { Run } from '../entry/coverage.ts'

const KINDS = [
  'damaged',
  'altered schema',
  'missing trigger',
  'altered',
  'missing',
  'inserted',
  'reordered',
  'truncated',
  'rolled back',
  'forked',
  'bad signature',
  'unlogged change',
  'unfounded act',
] as const

/** Something that the trail does not explain. */
export interface Finding {
  readonly kind: (typeof KINDS)[number]
  /** First and last `seq` that it concerns. */
  readonly entries?: Run
  /** The id of the entry, where it is one that there is. */
  readonly id?: string
  /** What it is about, where that is no entry, or what is wrong with it. */
  readonly about?: string
}
