import { edgeTiles, type Tile, type TilePlace, TreeEdge } from '../../src/audit/tree/tiles.ts'

const key = ({ level, index }: TilePlace): string => `${level}/${index}`

/** Tiles as a table keeps them: each place once, replaced when it grows. */
export class KeptTiles {
  readonly #tiles = new Map<string, Tile>()

  /** A tree of these leaves. */
  static of(leaves: readonly Buffer[]): KeptTiles {
    const kept = new KeptTiles()
    kept.keep(TreeEdge.load(0, []).append(leaves))
    return kept
  }

  keep(tiles: readonly Tile[]): void {
    for (const tile of tiles) this.#tiles.set(key(tile), tile)
  }

  all(): Tile[] {
    return [...this.#tiles.values()]
  }

  read = async (place: TilePlace): Promise<Uint8Array> => {
    const tile = this.#tiles.get(key(place))
    if (tile === undefined) throw new Error(`There is no tile ${key(place)}.`)
    return tile.hashes
  }

  load(size: number): TreeEdge {
    const tiles = edgeTiles(size).flatMap((place) => this.#tiles.get(key(place)) ?? [])
    return TreeEdge.load(size, tiles)
  }
}
