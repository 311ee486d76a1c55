import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CLI, ROOT } from './child.ts'

/** Child processes run what is compiled, as users do, so it is compiled again where a source is newer. */
export default function setup(): void {
  spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--if-older'], { cwd: ROOT, stdio: 'inherit' })
  if (!existsSync(CLI)) throw new Error('dist/ could not be built.')
}
