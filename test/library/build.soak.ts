import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../support/chatwarden.ts'
import { ROOT } from '../support/child.ts'

const FROM_HERE = ['package.json', 'tsconfig.build.json', 'tsconfig.json']

let folder: string
const cleanUps: (() => void | Promise<void>)[] = []
const at = (path: string) => join(folder, path)
const write = (path: string, source: string) => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), source)
}

function build(...args: string[]): { readonly status: number | null; readonly builtAt: number } {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), ...args], { cwd: folder })
  return { status, builtAt: statSync(at('dist/cli/cli.js')).mtimeMs }
}

beforeAll(() => {
  folder = temporaryFolder((cleanUp) => cleanUps.push(cleanUp))
  for (const name of FROM_HERE) copyFileSync(join(ROOT, name), at(name))
  symlinkSync(join(ROOT, 'node_modules'), at('node_modules'))
  write('src/index.ts', 'export const one: number = 1\n')
  write('src/cli/cli.ts', "#!/usr/bin/env node\nimport { one } from '../index.ts'\nconsole.log(one)\n")
  return () => cleanUps.forEach((cleanUp) => void cleanUp())
})
test('what is compiled can be run, is left alone while it is newer than its sources, and holds nothing that is gone', () => {
  const first = build('--if-older')
  expect(first.status).toBe(0)
  expect(spawnSync(at('dist/cli/cli.js')).stdout.toString()).toBe('1\n')

  expect(build('--if-older')).toEqual(first)
  expect(build().builtAt).toBeGreaterThan(first.builtAt)

  write('dist/gone.js', '')
  const later = new Date(Date.now() + 5000)
  write('src/index.ts', 'export const one: number = 2\n')
  utimesSync(at('src/index.ts'), later, later)
  build('--if-older')
  expect(spawnSync(at('dist/cli/cli.js')).stdout.toString()).toBe('2\n')
  expect(existsSync(at('dist/gone.js'))).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['dist', 'node_modules', ...FROM_HERE, 'src'].sort())
})

test('wrong types are told and keep nothing from running', () => {
  write('src/index.ts', "export const one: number = 'three'\n")
  expect(build().status).not.toBe(0)
  expect(spawnSync(at('dist/cli/cli.js')).stdout.toString()).toBe('three\n')
  rmSync(at('dist'), { recursive: true })
})
