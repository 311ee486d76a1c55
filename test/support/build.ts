import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './child.ts'

/**
 * Child processes run what is compiled, as users do, so it is compiled again where a source is newer. In place, as
 * another run may be using it. Wrong types are for `npm run check` to find; they keep no test from running.
 */
export default function setup(): void {
  const compiled = join(ROOT, 'dist/cli/cli.js')
  const newest = Math.max(...sources().map((path) => statSync(path).mtimeMs))
  if (existsSync(compiled) && statSync(compiled).mtimeMs > newest) return
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' })
  if (!existsSync(compiled)) throw new Error('dist/ could not be built.')
}

function sources(): string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  return [...files.filter((file) => file.endsWith('.ts')).map((file) => join(ROOT, 'src', file))]
}
