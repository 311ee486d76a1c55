import type { Format } from './format.ts'
import { metadataJson } from './metadata-json.ts'

/**
 * JSON Lines in the order of the trail. Besides `metadata` as an object each line has `metadataText`, as it is stored,
 * and `nonce` in hex: with these the leaf of the entry can be computed again (docs/trail.md).
 */
export const jsonl: Format = {
  extension: 'jsonl',
  mimeType: 'application/jsonl',
  order: 'oldest',
  head: '',
  first: '',
  between: '',
  lines: (entries) =>
    entries
      .map(({ nonce, metadata, phoneNumber, ...entry }) => {
        const fields = JSON.stringify({ ...entry, metadataText: metadata, nonce })
        return `${fields.slice(0, -1)},"metadata":${metadataJson(metadata)}}\n`
      })
      .join(''),
  tail: () => '',
}
