// Compiles src into dist. With --if-older only where a source is newer than what is there: a bot may be running on it.
//
// It is compiled beside dist and put in place file by file: who runs on dist goes on finding what is in both.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const COMMAND = 'cli/cli.js'

const filesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
    : []

const changedAt = (path) => statSync(path).mtimeMs

function isCurrent() {
  const sources = filesIn('src').filter((path) => path.endsWith('.ts'))
  const made = new Set(filesIn('dist').filter((path) => path.endsWith('.js')))
  const wanted = sources.map((path) => path.replace(/^src/, 'dist').replace(/\.ts$/, '.js'))
  if (made.size !== wanted.length || !wanted.every((path) => made.has(path))) return false
  const newest = Math.max(...[...sources, 'tsconfig.json', 'tsconfig.build.json'].map(changedAt))
  return changedAt(`dist/${COMMAND}`) > newest
}

function compile() {
  const beside = `dist.${process.pid}`
  rmSync(beside, { recursive: true, force: true })
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  // What has wrong types is compiled all the same, and told by how this ends.
  const { status } = spawnSync(
    process.execPath,
    [join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', beside],
    {
      stdio: 'inherit',
    },
  )
  const made = filesIn(beside)
  if (made.length === 0) return 1
  const wanted = new Set(made.map((path) => path.replace(beside, 'dist')))
  // The command last: it tells that all the others are there.
  for (const path of made.sort((a, b) => Number(a.endsWith(COMMAND)) - Number(b.endsWith(COMMAND)))) {
    const place = path.replace(beside, 'dist')
    mkdirSync(dirname(place), { recursive: true })
    if (place.endsWith(COMMAND)) chmodSync(path, 0o755)
    renameSync(path, place)
  }
  for (const path of filesIn('dist')) if (!wanted.has(path)) rmSync(path)
  rmSync(beside, { recursive: true, force: true })
  // Told again by the next who asks for what is older than its sources.
  if (status !== 0) utimesSync(`dist/${COMMAND}`, 0, 0)
  return status ?? 1
}

if (!process.argv.includes('--if-older') || !isCurrent()) process.exitCode = compile()
