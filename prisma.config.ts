import { defineConfig } from 'prisma/config'

const url = process.env.DATABASE_URL ?? 'file:./data/chatwarden.db'
const provider = /^postgres(?:ql)?:/.test(url) ? 'postgresql' : 'sqlite'

/** For people who run Prisma's own CLI on a machine with a network; Chatwarden applies its migrations itself. */
export default defineConfig({
  schema: `prisma/${provider}/schema.prisma`,
  migrations: { path: `prisma/${provider}/migrations` },
  datasource: { url },
})
