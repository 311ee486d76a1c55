import { defineConfig } from 'prisma/config'

/** For people who run Prisma's own CLI on a machine with a network; Chatwarden applies its migrations itself. */
export default defineConfig({
  schema: 'prisma/sqlite/schema.prisma',
  migrations: { path: 'prisma/sqlite/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'file:./data/chatwarden.db' },
})
