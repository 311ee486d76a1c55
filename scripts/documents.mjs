// Writes the documents that are made from code, or with --check says which of them are not up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { EVENT_TYPES } from '../dist/audit/entry/event-types.js'
import { COMMANDS, usageOf } from '../dist/commands/registry.js'
import { describeEnvironment } from '../dist/config.js'
import { ERRORS } from '../dist/kernel/errors.js'
import { COVERS } from '../dist/storage/covers.js'

const MADE = '<!-- Made from the code by `npm run documents`; changes here are lost. -->\n'
const row = (...cells) => `| ${cells.join(' | ')} |\n`
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``

const commands = () =>
  `${MADE}# Commands\n\nEvery command begins with the prefix (\`!config\` unless \`COMMAND_PREFIX\` says otherwise). Words may be in any case.\nSpaces after its mark (\`! config\`), full-width letters, marks that nobody sees, bold or code around the whole command or its words, and quotes of any language (\`“…”\`, \`‘…’\`, \`«…»\`) around a reason or a value are all understood.\nA prefix that ends with a mark, such as \`!\` alone, needs no space after it: \`!role list\`. What begins with a slip (\`!confg role list\`) is answered with what was meant; nothing is done.\n\n` +
  row('Command', 'Least role', 'What it does') +
  row('---', '---', '---') +
  COMMANDS.map((command) => row(code(usageOf(command)), command.role, command.summary)).join('') +
  row(code('help'), 'USER', 'The commands the caller may run; `help` after any command explains that one.') +
  row(
    code('more'),
    'USER',
    'The next page of the caller’s last answer, for ten minutes; `more` without the prefix does too.',
  ) +
  `\n## Examples\n\n${COMMANDS.flatMap(({ examples }) => examples.map((example) => `- \`!config ${example}\`\n`)).join('')}`

const errors = () =>
  `${MADE}# Errors\n\nThe code is stable. A chat is told the first text with a reference that the log line carries too.\n\n` +
  row('Code', 'In the chat', 'In the log') +
  row('---', '---', '---') +
  Object.entries(ERRORS)
    .map(([name, { chat, log }]) => row(code(name), chat, log))
    .join('')

const events = () =>
  `${MADE}# Events\n\nWhat an entry's metadata does not name here never enters the trail. *Closed*: without its entry the action does not happen. *Open*: it does; what the database does not take waits in files under \`DATA_DIR/spool\` and is written later, with \`observedAt\`, when it happened; what cannot even be kept there is counted in an \`AUDIT_GAP\` entry.\n\n*Whom it is about sees*: what of the metadata somebody finds in \`audit mine\` and in a data request where another person did it to them; where there is a dash, nothing. What they did themself they see, but for other people's numbers and names, and reasons that others gave. Where *owners* stands, the lists, searches, histories, charts and proofs of ADMINs leave the entry out.\n\n` +
  row('Action', 'Category', 'Failure', 'Metadata', 'Whom it is about sees', 'Seen by') +
  row('---', '---', '---', '---', '---', '---') +
  Object.entries(EVENT_TYPES)
    .map(([action, type]) =>
      row(
        code(action),
        type.category,
        type.failure,
        Object.keys(type.metadata.shape).map(code).join(', ') || '–',
        type.shownToSubject?.map(code).join(', ') ?? '–',
        type.ownersOnly ? 'owners' : 'ADMINs',
      ),
    )
    .join('')

const covers = () =>
  row('Table', 'Columns', 'Cover', 'By what, or what a lie can cost', 'In a restored backup') +
  row('---', '---', '---', '---', '---') +
  Object.entries(COVERS)
    .flatMap(([table, { only, restore, columns }]) =>
      columns.map((each, index) =>
        row(
          index === 0 ? code(table) + (only === 'postgresql' ? ' (PostgreSQL)' : '') : '',
          each.columns.map(code).join(', '),
          each.cover,
          each.by,
          index === 0 ? restore : '',
        ),
      ),
    )
    .join('')

/** A page that is written by hand, but for one part. */
const withPart = (path, make) => () => {
  const [begin, end] = [
    '<!-- The table of columns: made from src/storage/covers.ts by `npm run documents`. -->\n',
    '<!-- end -->\n',
  ]
  const text = readFileSync(path, 'utf8')
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
  if (from < begin.length || to < from) throw new Error(`${path} has no place for it.`)
  return `${text.slice(0, from)}\n${make()}\n${text.slice(to)}`
}

const DOCUMENTS = {
  '.env.example': describeEnvironment,
  'docs/commands.md': commands,
  'docs/errors.md': errors,
  'docs/events.md': events,
  'docs/trail.md': withPart('docs/trail.md', covers),
}

const isCheck = process.argv.includes('--check')
for (const [path, make] of Object.entries(DOCUMENTS)) {
  const text = make()
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  if (isCheck) {
    process.exitCode = 1
    console.error(`${path} is not up to date: run npm run documents`)
    continue
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
