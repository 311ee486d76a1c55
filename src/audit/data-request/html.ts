import type { Json } from '../../kernel/json.ts'
import { CLOCK_TIME, ownTime } from '../../kernel/own-time.ts'
import { pageText } from '../../kernel/page-text.ts'
import { STYLE } from './html-style.ts'
import type { Header, Page } from './page.ts'
import type { ShownEntry } from './subject-view.ts'

/** What the page says of its own. */
export interface PageWords {
  readonly language: string
  title(subject: string): string
  made(at: string, timeZone: string, role: string, account: string): string
  readonly notes: string
  readonly person: string
  entries(count: number): string
  readonly noEntries: string
  by(account: string, name: string | null, role: string): string
  readonly reason: string
  readonly typedBy: string
  readonly where: string
  readonly nothing: string
  /** Of a field that the JSON has by this name. */
  label(field: string): string
  value(value: boolean): string
}

/** A page to read, print and keep: nothing in it runs, and nothing is fetched from elsewhere. */
export function htmlPage(words: PageWords, time: (moment: Date) => string): Page {
  return {
    extension: 'html',
    head: (header) => head(header, words, time),
    entries: (entries) => entries.map((entry) => block(entry, words, time)).join(''),
    tail: () => '</ol>\n</main>\n</body>\n</html>\n',
  }
}

function head(header: Header, words: PageWords, time: (moment: Date) => string): string {
  const { subject, madeAt, madeFor, timeZone, entryCount, person, notes } = header
  const title = pageText(words.title(subject))
  return `<!doctype html>
<html lang="${pageText(words.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${pageText(words.made(time(madeAt), timeZone, madeFor.role, madeFor.account))}</p>
<h2>${pageText(words.notes)}</h2>
<ul>${notes.map((note) => `<li>${pageText(note)}</li>`).join('')}</ul>
<h2>${pageText(words.person)}</h2>
${shown(person, words)}
<h2>${pageText(words.entries(entryCount))}</h2>
${entryCount === 0 ? `<p>${pageText(words.noEntries)}</p>\n` : ''}<ol>
`
}

function block(entry: ShownEntry, words: PageWords, time: (moment: Date) => string): string {
  const { seq, action, description, account, actorName, userRole, source, channelId } = entry
  const { reason, operator, [CLOCK_TIME]: _, ...others } = entry.metadata
  const at = ownTime(entry)
  const lines = [
    ...(operator === undefined ? [] : [pageText(words.typedBy)]),
    ...(typeof reason === 'string' ? [`${pageText(words.reason)}: ${bdi(reason)}`] : []),
    `${pageText(words.where)}: ${bdi(channelId === null ? source : `${source}, ${channelId}`)}`,
  ]
  const more = Object.keys(others).length === 0 ? '' : shown(others, words)
  return `<li value="${seq}"><p><time datetime="${at.toISOString()}">${pageText(time(at))}</time> <b>${pageText(action)}</b></p>
<p>${bdi(description)}</p>
<p>${bdi(words.by(account, actorName, userRole))}</p>
<p class="more">${lines.join(' · ')}</p>${more}</li>
`
}

function shown(value: Json, words: PageWords): string {
  if (Array.isArray(value))
    return value.length === 0
      ? pageText(words.nothing)
      : `<ul>${value.map((item) => `<li>${shown(item, words)}</li>`).join('')}</ul>`
  if (value === null || value === '') return pageText(words.nothing)
  if (typeof value === 'boolean') return pageText(words.value(value))
  if (typeof value !== 'object') return bdi(String(value))
  const fields = Object.entries(value)
  return `<dl>${fields.map(([name, item]) => `<dt>${bdi(words.label(name))}</dt><dd>${shown(item, words)}</dd>`).join('')}</dl>`
}

/** Text that somebody wrote: marks in it that turn the direction of writing end with it. */
const bdi = (text: string): string => `<bdi>${pageText(text)}</bdi>`
