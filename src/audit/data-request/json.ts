import type { Page } from './page.ts'

/** One object, an entry a line, the oldest first. */
export const jsonPage: Page = {
  extension: 'json',
  head: ({ entryCount, ...header }) =>
    `${JSON.stringify({ ...header, counts: { entries: entryCount } }, null, 2).slice(0, -2)},\n  "entries": [`,
  entries: (entries, isFirst) =>
    `${isFirst ? '' : ','}\n    ${entries.map((entry) => JSON.stringify(entry)).join(',\n    ')}`,
  tail: () => '\n  ]\n}\n',
}
