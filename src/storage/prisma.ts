/** For writing SQL: the pieces are the same for either database, and their types, since the models are. */
export { Prisma } from './generated/sqlite/client.ts'
