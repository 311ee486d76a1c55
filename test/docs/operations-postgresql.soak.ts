import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, test } from 'vitest'
import { shareCleanUps } from '../support/at-end.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { startDebianServer } from '../support/debian-server.ts'
import { blocks } from '../support/operations-page.ts'
import { makeCommand, runBlock } from '../support/operations-run.ts'
import { ask, makeTwoRoles } from '../support/two-roles.ts'

const { add: atEnd } = shareCleanUps()
let folder: string
let path: string
let variables: Record<string, string>
let failed: string | undefined

beforeAll(async () => {
  const server = await startDebianServer(atEnd, { shared_preload_libraries: 'pg_stat_statements' })
  const roles = await makeTwoRoles(server.url, atEnd)
  await ask(roles.adminUrl, `CREATE EXTENSION pg_stat_statements; ALTER ROLE ${roles.owner} CREATEDB`)
  folder = temporaryFolder(atEnd)
  mkdirSync(join(folder, 'data'))
  const settings = `DATABASE_URL=${roles.applicationUrl}\nDATA_DIR=./data\nOWNER_PHONE_NUMBERS=+15550001111\n`
  writeFileSync(join(folder, '.env'), settings)
  writeFileSync(join(folder, 'owner.env'), `DATABASE_OWNER_URL=${roles.ownerUrl}\n`)
  const { hostname, port } = new URL(server.url)
  variables = { PGHOST: hostname, PGPORT: port, PGDATABASE: roles.database, PGUSER: roles.owner }
  path = `${makeCommand(atEnd)}:${server.programs}`
})

// They build on each other, as those of the rest of the page do.
test.for(
  blocks()
    .filter(({ isForServer }) => isForServer)
    .map((block) => [block.name, block] as const),
)('%s', async ([name, block], { skip }) => {
  skip(failed !== undefined, `${failed} failed.`)
  failed = name
  await runBlock(block, folder, path, variables)
  failed = undefined
})
