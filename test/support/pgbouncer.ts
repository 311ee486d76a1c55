import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { freePort } from './postgres-server.ts'
import { ask } from './two-roles.ts'

/** Where Debian puts it. */
const PROGRAM = '/usr/sbin/pgbouncer'

export type PoolMode = 'session' | 'transaction' | 'statement'

/** The real PgBouncer before a server, until the end. */
export class PgBouncer {
  readonly #server: URL
  readonly #port: number
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(server: string, port: number, folder: string) {
    this.#server = new URL(server)
    this.#port = port
    this.#folder = folder
  }

  static async start(server: string, mode: PoolMode, atEnd: AtEnd): Promise<PgBouncer> {
    if (!existsSync(PROGRAM)) throw new Error('There is no PgBouncer: apt-get install pgbouncer')
    const bouncer = new PgBouncer(server, await freePort(), temporaryFolder(atEnd))
    atEnd(() => bouncer.#stop())
    await bouncer.startAs(mode)
    return bouncer
  }

  /** The same URL by this way. */
  urlOf(url: string): string {
    const by = new URL(url)
    by.host = `127.0.0.1:${this.#port}`
    return by.href
  }

  /** Starts it, instead of one that runs. */
  async startAs(mode: PoolMode): Promise<void> {
    await this.#stop()
    const { hostname, port, username, password } = this.#server
    const settings = join(this.#folder, 'pgbouncer.ini')
    writeFileSync(
      settings,
      `[databases]
* = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${this.#port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
`,
      { mode: 0o644 },
    )
    // It refuses to run as root.
    const ids = process.getuid?.() === 0 ? nobody() : undefined
    if (ids !== undefined) chownSync(this.#folder, ids.uid, ids.gid)
    this.#process = spawn(PROGRAM, [settings], { ...ids, stdio: 'ignore' })
    this.#process.on('error', () => {})
    for (const deadline = performance.now() + 10_000; ; await sleep(50))
      try {
        await ask(this.urlOf(this.#server.href), 'SELECT 1')
        return
      } catch (error) {
        if (performance.now() > deadline) throw error
      }
  }

  async #stop(): Promise<void> {
    const running = this.#process
    this.#process = undefined
    if (running === undefined || running.exitCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
}

function nobody(): { readonly uid: number; readonly gid: number } {
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
