// Generates the Prisma clients, one for each database, without a network. With --if-older only where the schema or
// Prisma is newer than what is there: what is compiled from them would seem out of date.
//
// Before it generates, Prisma looks for its schema engine and would download it. The TypeScript generator
// does not use that engine, and any existing executable satisfies the look-up, so Node itself is named.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const prisma = require.resolve('prisma/build/index.js')
const { version } = require('prisma/package.json')

function isCurrent(provider) {
  const made = `src/storage/generated/${provider}/internal/class.ts`
  if (!existsSync(made) || !readFileSync(made, 'utf8').includes(`"clientVersion": "${version}"`)) return false
  const schemas = readdirSync(`prisma/${provider}`).filter((name) => name.endsWith('.prisma'))
  return schemas.every((name) => statSync(`prisma/${provider}/${name}`).mtimeMs < statSync(made).mtimeMs)
}

for (const provider of ['sqlite', 'postgresql']) {
  if (process.argv.includes('--if-older') && isCurrent(provider)) continue
  const { status } = spawnSync(
    process.execPath,
    [prisma, 'generate', '--no-hints', '--schema', `prisma/${provider}/schema.prisma`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
    },
  )
  if (status !== 0) process.exit(status ?? 1)
}
