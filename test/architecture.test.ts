import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { importedBy } from './support/imports.ts'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** The rooms of the trail, each of which may import those before it. */
const AUDIT_ROOMS = [
  'tree',
  'entry',
  'write',
  'remove',
  'verify',
  'read',
  'export',
  'data-request',
  'archive',
  'import',
].map((name) => `audit/${name}`)
/** What is hashed and signed is known without a database. */
const WITHOUT_DATABASE = ['audit/tree', 'audit/entry']

/** The rooms of the design and what each may import; `audit` stands for all rooms of the trail. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  'config.ts': ['kernel', 'config'],
  config: ['kernel'],
  text: ['kernel'],
  storage: ['kernel'],
  schedule: ['kernel'],
  guards: ['kernel'],
  charts: ['kernel'],
  objects: ['kernel'],
  ...Object.fromEntries(
    AUDIT_ROOMS.map((room, index) => [
      room,
      ['kernel', ...(WITHOUT_DATABASE.includes(room) ? [] : ['storage']), ...AUDIT_ROOMS.slice(0, index)],
    ]),
  ),
  roles: ['kernel', 'storage', 'audit'],
  settings: ['kernel', 'storage', 'audit'],
  usage: ['kernel', 'storage', 'audit'],
  backup: ['kernel', 'storage', 'audit', 'roles'],
  move: ['kernel', 'storage', 'audit'],
  report: ['kernel', 'text', 'storage', 'audit'],
  doctor: ['kernel', 'config', 'config.ts', 'storage', 'audit', 'roles', 'chat'],
  commands: ['kernel', 'text', 'storage', 'audit', 'roles', 'settings'],
  chat: ['kernel', 'text'],
}

/** Rooms that put the others together, and may import all but who comes after them. */
const COMPOSING = ['app', 'cli', 'index.ts']

const all = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative(SRC, join(parentPath, name)))
const files = all.filter((file) => file.endsWith('.ts') && !file.startsWith('storage/generated'))

const roomOf = (file: string): string => file.split('/', file.startsWith('audit/') ? 2 : 1).join('/')

const sourceOf = (file: string): string => readFileSync(join(SRC, file), 'utf8')

/** Without lines that are comments. */
const codeOf = (file: string): string => sourceOf(file).replace(/^\s*(?:\/\/|\/?\*).*$/gm, '')

const importsOf = (file: string): string[] => importedBy(sourceOf(file))

function importedFiles(file: string): string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(SRC, join(SRC, file, '..', specifier)))
}

/** Each way on which imports come back to where they began, found once. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const follow = (file: string, way: readonly string[]) => {
    const start = way.indexOf(file)
    if (start >= 0) circles.push([...way.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const imported of imports.get(file) ?? []) follow(imported, [...way, file])
    done.add(file)
  }
  for (const file of imports.keys()) follow(file, [])
  return circles
}

describe('the arrows of the design', () => {
  test.each(files.filter((file) => !COMPOSING.includes(roomOf(file))))('%s imports only what its room may', (file) => {
    const room = roomOf(file)
    expect(Object.keys(MAY_IMPORT)).toContain(room)
    const allowed = MAY_IMPORT[room]?.flatMap((name) => (name === 'audit' ? AUDIT_ROOMS : name)) ?? []
    expect(importedFiles(file).filter((imported) => ![room, ...allowed].includes(roomOf(imported)))).toEqual([])
  })

  test.each(COMPOSING)('%s imports nothing of who composes after it', (room) => {
    const after = COMPOSING.slice(COMPOSING.indexOf(room) + 1)
    const imported = files.filter((file) => roomOf(file) === room).flatMap(importedFiles)
    expect(imported.filter((file) => after.includes(roomOf(file)))).toEqual([])
  })

  test('rooms are all there is: nothing lies loose but what is imported from outside and the configuration', () => {
    const loose = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isFile())
    expect(loose.map(({ name }) => name).sort()).toEqual(['config.ts', 'index.ts'])
    expect(readdirSync(join(SRC, 'audit'), { withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([])
  })

  test('no file imports itself through others, for its types either', () => {
    expect(circlesIn(new Map(files.map((file) => [file, importedFiles(file)])))).toEqual([])
  })

  test('a circle is found, and named', () => {
    const arrows: [string, string[]][] = [
      ['a', ['b', 'd']],
      ['b', ['c']],
      ['c', ['a', 'd']],
      ['d', []],
    ]
    expect(circlesIn(new Map(arrows))).toEqual(['a → b → c → a'])
  })

  test('nothing is imported in a way that these tests do not see', () => {
    expect(all.filter((file) => !file.endsWith('.ts'))).toEqual([])
    expect(
      files.filter((file) => /(?:await|=>|return|[=(,])\s*import\(\s*[^'\s]|\bfrom\s*(?:\/\*|`)/.test(codeOf(file))),
    ).toEqual([])
  })

  test('what is hashed and signed knows no database by another name either', () => {
    const pure = files.filter((file) => WITHOUT_DATABASE.includes(roomOf(file)))
    const imports = pure.flatMap((file) => importsOf(file).map((name) => `${file} imports ${name}`))
    expect(pure.filter((file) => file.endsWith('.repository.ts'))).toEqual([])
    expect(imports.filter((line) => / (?:better-sqlite3|pg|pg-.*|@prisma\/.*)$/.test(line))).toEqual([])
  })

  test('one room alone writes entries', () => {
    const writing = files.filter((file) => /INSERT INTO audit_logs\b|copy\('audit_logs'/i.test(sourceOf(file)))
    expect(new Set(writing.map(roomOf))).toEqual(new Set(['audit/write']))
  })

  test('only repositories and the storage room touch Prisma or what it generates', () => {
    const touching = files.filter((file) => importsOf(file).some((name) => /^@prisma|\/generated\//.test(name)))
    expect(touching.filter((file) => !file.startsWith('storage/') && !file.endsWith('.repository.ts'))).toEqual([])
  })

  test('commands take from storage types alone: what they keep, they keep through their repositories', () => {
    const sources = files.filter((file) => roomOf(file) === 'commands').map(sourceOf)
    const imports = sources.flatMap((source) =>
      [...source.matchAll(/import (.*) from '[./]+storage\//g)].map(([line]) => line),
    )
    // What a repository writes SQL with is no database.
    const isAllowed = (line: string) => line.startsWith('import type') || line === "import { Prisma } from '../storage/"
    expect(imports.filter((line) => !isAllowed(line))).toEqual([])
  })

  test('only the configuration reads the environment', () => {
    const reading = files.filter((file) => /process\.env\b/.test(sourceOf(file)))
    expect(reading).toEqual(['config.ts'])
  })

  test('a transport knows no command and a command knows no transport', () => {
    const crossing = files.filter((file) =>
      importedFiles(file).some(
        (imported) =>
          (roomOf(file) === 'chat' && roomOf(imported) === 'commands') ||
          (roomOf(file) === 'commands' && roomOf(imported) === 'chat'),
      ),
    )
    expect(crossing).toEqual([])
  })
})

/** In rooms that store nothing: where the clock is asked all the same, and with what of elsewhere it is compared. */
const BY_THE_CLOCK: Readonly<Record<string, string>> = {
  'chat/whatsapp/identity.ts': 'when a platform told it, which is stored',
  'chat/whatsapp/inbox.ts': 'when a message was written, which the platform says',
  'chat/whatsapp/lookup.ts': 'when a platform told it, which is stored',
  'chat/whatsapp/outbox.ts': 'when a message appeared, which the platform says',
  'kernel/abandoned.ts': 'when a file was touched',
  'kernel/clock.ts': 'it is the clock',
  'kernel/heard-time.ts': 'when a message was sent, which the platform says',
  'kernel/ids.ts': 'the time in an id',
  'schedule/scheduler.ts': 'when a job ended well, which is stored, and what is due by the calendar',
}

test('what lasts in this process is told by the time that it runs, as its clock may be set', () => {
  const rooms = ['guards', 'chat', 'kernel', 'schedule']
  const asking = files
    .filter((file) => rooms.some((room) => file.startsWith(`${room}/`)))
    .filter((file) => /\b(?:clock|Date)\.now\b/.test(readFileSync(join(SRC, file), 'utf8')))
  expect(asking.sort()).toEqual(Object.keys(BY_THE_CLOCK))
})
