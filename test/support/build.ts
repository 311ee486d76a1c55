import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './child.ts'

/** How the compiler ends where it has written everything all the same: the check is for finding wrong types. */
const WRONG_TYPES = 2

/** Child processes run what is compiled, as users do, so it is compiled again where a source is newer. */
export default function setup(): void {
  const build = [join(ROOT, 'scripts/build.mjs'), '--if-older']
  const { status } = spawnSync(process.execPath, build, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0 && status !== WRONG_TYPES) throw new Error('dist/ could not be built.')
}
