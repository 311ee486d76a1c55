// Generates the Prisma clients, one for each database, without a network.
//
// Before it generates, Prisma looks for its schema engine and would download it. The TypeScript generator
// does not use that engine, and any existing executable satisfies the look-up, so Node itself is named.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js')
for (const provider of ['sqlite', 'postgresql']) {
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
