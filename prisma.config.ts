const url = process.env.DATABASE_URL ?? 'file:./data/chatwarden.db'
const provider = /^postgres(?:ql)?:/.test(url) ? 'postgresql' : 'sqlite'

/**
 * For people who run Prisma's own command line (`npx prisma migrate status`) on a machine with a network; Chatwarden applies its
 * migrations itself, and its clients are generated without it.
 */
export default {
  schema: `prisma/${provider}/schema.prisma`,
  migrations: { path: `prisma/${provider}/migrations` },
  datasource: { url },
}
