import { pageText } from '../kernel/page-text.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { hoursSvg } from './hours-svg.ts'
import type { Document, Hours, Part, Section, Table } from './part.ts'
import { STYLE } from './style.ts'

/**
 * A report as a page of its own: no script, nothing from elsewhere, and a policy that forbids both, should what
 * strangers wrote ever get through.
 */
export function reportHtml({ title, subtitle, sections }: Document): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${shown(title)}</h1>
<p>${shown(subtitle)}</p>
${sections.map(section).join('\n')}
</body>
</html>
`
}

const section = ({ title, parts }: Section): string =>
  `<section>\n<h2>${shown(title)}</h2>\n${parts.map(part).join('\n')}\n</section>`

function part(part: Part): string {
  if (part.kind === 'table') return table(part)
  if (part.kind === 'hours') return hours(part)
  return part.isWarning ? `<p class="warning">⚠ ${shown(part.text)}</p>` : `<p>${shown(part.text)}</p>`
}

function table({ columns, rows }: Table): string {
  const open = (tag: string, column: number) => `<${tag}${columns[column]?.isNumber ? ' class="number"' : ''}>`
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell, column) => `${open(tag, column)}${shown(cell)}</${tag}>`).join('')}</tr>`
  const titles = columns.map(({ title }) => title)
  const head = titles.every((title) => title === '') ? '' : `<thead>${row(titles, 'th')}</thead>\n`
  return `<table>\n${head}<tbody>\n${rows.map((cells) => row(cells, 'td')).join('\n')}\n</tbody>\n</table>`
}

function hours(part: Hours): string {
  const items = part.empty.map(({ first, count }) => {
    const from = part.hours[first]?.label ?? ''
    const to = part.hours[first + count]?.label ?? part.end
    return `<li>${shown(`${from} to ${to} (${count} ${count === 1 ? 'hour' : 'hours'})`)}</li>`
  })
  const list = items.length === 0 ? '' : `\n<p>Without any entry:</p>\n<ul>\n${items.join('\n')}\n</ul>`
  return `<figure>${hoursSvg(part)}</figure>${list}`
}

/** Of what others wrote no more is shown than anybody reads. */
const shown = (text: string): string => pageText(plainLine(text, 1000))
