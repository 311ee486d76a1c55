// What can be seen without running it: format and lint, types, dead code, generated documents. Stops at the first that fails.
import { spawnSync } from 'node:child_process'

const STEPS = [
  ['format and lint', 'npx', 'biome', 'check', '.'],
  ['compile', 'npm', 'run', '--silent', 'build'],
  ['types', 'npx', 'tsc', '-p', 'tsconfig.json'],
  ['dead code', 'npx', 'knip'],
  ['documents', 'node', 'scripts/documents.mjs', '--check'],
]

for (const [name, command, ...args] of STEPS) {
  console.log(`— ${name}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`check failed: ${name}`)
    process.exit(status ?? 1)
  }
}
console.log('check passed')
