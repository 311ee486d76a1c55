import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'

const VERSIONS = '/usr/lib/postgresql'

export interface DebianServer {
  /** As a superuser. */
  readonly url: string
  /** Of the server, with pg_dump, psql and the rest. */
  readonly programs: string
  /** The user that the server runs as, or that runs the tests. */
  readonly ids: { readonly uid: number; readonly gid: number }
}

/** Where Debian puts the programs of the newest version that is installed. */
function debianPrograms(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
  const [newest] = versions
    .filter((version) => existsSync(join(VERSIONS, version, 'bin/initdb')))
    .sort((a, b) => Number(b) - Number(a))
  if (newest === undefined) throw new Error(`There is no PostgreSQL in ${VERSIONS}: apt-get install postgresql`)
  return join(VERSIONS, newest, 'bin')
}

/** A server of one's own, from the programs of Debian, until the end. `prepare` gets the folder of its data before it starts. */
export async function startDebianServer(
  atEnd: AtEnd,
  settings: Readonly<Record<string, string>> = {},
  prepare: (data: string, ids: DebianServer['ids']) => void = () => {},
): Promise<DebianServer> {
  const programs = debianPrograms()
  const folder = temporaryFolder(atEnd)
  const data = join(folder, 'data')
  // A server refuses to run as root.
  const ids = process.getuid?.() === 0 ? postgres() : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  mkdirSync(data, { mode: 0o700 })
  for (const path of [folder, data]) chownSync(path, ids.uid, ids.gid)
  const run = (program: string, args: readonly string[]) =>
    execFileSync(join(programs, program), args, { ...ids, cwd: folder, stdio: 'ignore', timeout: 60_000 })
  run('initdb', [
    '--pgdata',
    data,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ])
  prepare(data, ids)
  const port = await freePort()
  const all = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: folder, ...settings }
  const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`)
  run('pg_ctl', ['start', '--pgdata', data, '--wait', '--log', join(folder, 'log'), '--options', options.join(' ')])
  atEnd(() => void run('pg_ctl', ['stop', '--pgdata', data, '--mode=immediate', '--wait']))
  return { url: `postgresql://postgres:secret@127.0.0.1:${port}/postgres`, programs, ids }
}

function postgres(): DebianServer['ids'] {
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
