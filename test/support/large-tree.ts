import { KeptTiles } from './kept-tiles.ts'
import { leafOf, NaiveTree } from './naive-tree.ts'

const leaves = Array.from({ length: 66_000 }, (_, n) => leafOf(`leaf ${n}`))

/** A tree of more leaves than two levels of tiles hold, as it is defined and as it is kept: nobody changes it. */
export const LARGE_TREE = { leaves, naive: new NaiveTree(leaves), kept: KeptTiles.of(leaves) } as const
