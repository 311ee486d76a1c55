import type { Format } from './format.ts'
import { metadataJson } from './metadata-json.ts'

/** An array, newest first, one entry a line, `metadata` as an object. */
export const json: Format = {
  extension: 'json',
  mimeType: 'application/json',
  order: 'newest',
  head: '[',
  first: '\n',
  between: ',\n',
  lines: (entries) =>
    entries
      .map(
        ({ nonce, metadata, ...entry }) =>
          `${JSON.stringify(entry).slice(0, -1)},"metadata":${metadataJson(metadata)}}`,
      )
      .join(',\n'),
  tail: (count) => (count === 0 ? ']\n' : '\n]\n'),
}
