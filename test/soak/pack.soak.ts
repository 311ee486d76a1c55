import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/chatwarden.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a registry does not answer at once says nothing of the package. */
const INSTALL = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=5']

const run = (cwd: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 })

/** The shortened round takes the database's driver as it was compiled for the tests: that it compiles, `npm ci` shows. */
function install(project: string, packed: string): void {
  if (process.env.SOAK_ROUNDS === undefined) {
    run(project, 'npm', ...INSTALL, packed)
    return
  }
  const driver = 'node_modules/better-sqlite3'
  const { version } = JSON.parse(readFileSync(join(ROOT, driver, 'package.json'), 'utf8'))
  run(project, 'npm', ...INSTALL, '--ignore-scripts', packed, `better-sqlite3@${version}`)
  const compiled = join(driver, 'build/Release/better_sqlite3.node')
  cpSync(join(ROOT, compiled), join(project, compiled))
}

test('the package works in an empty project: JavaScript, strict TypeScript, and the command line', () => {
  const folder = temporaryFolder()
  const [packed] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder))
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', version: '1.0.0', type: 'module' }))
  install(project, join(folder, packed.filename))
  expect(existsSync(join(project, 'node_modules/prisma'))).toBe(false)

  for (const name of ['embed.mjs', 'embed.ts']) cpSync(join(ROOT, 'examples', name), join(project, name))
  const output = run(project, 'node', 'embed.mjs')
  expect(output).toContain('Role Change Successful')
  expect(output).toContain("You don't have permission to view audit logs")
  expect(output).toContain('(your bot answers "good morning")')

  run(project, 'npm', ...INSTALL, '--ignore-scripts', '@types/node@20')
  const options = { target: 'es2023', module: 'nodenext', strict: true, noEmit: true, types: ['node'] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['embed.ts'] }))
  run(project, join(ROOT, 'node_modules/.bin/tsc'), '-p', '.')

  rmSync(join(project, 'data'), { recursive: true, force: true })
  expect(run(project, 'npx', 'chatwarden', 'say', '!config role list')).toContain('User Roles Summary')
  expect(readdirSync(join(project, 'data'))).toContain('chatwarden.db')

  const installed = run(project, 'du', '-sk', 'node_modules').split('\t')[0]
  console.log(`packed ${Math.round(packed.size / 1024)} KiB, unpacked ${Math.round(packed.unpackedSize / 1024)} KiB`)
  console.log(`installed with all dependencies ${Math.round(Number(installed) / 1024)} MiB`)
})
