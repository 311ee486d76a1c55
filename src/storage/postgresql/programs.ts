import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../kernel/problem.ts'
import { connectionTo } from './connection.ts'

/** A program of PostgreSQL that is not there, or says that it could not. */
export class ProgramError extends Problem {
  override readonly name = 'ProgramError'

  /** Whether it is the file that it was given that it cannot read. */
  get isAboutFile(): boolean {
    return /input file|valid archive|unexpected end|compress/i.test(this.message)
  }
}

/** Runs a program of PostgreSQL that needs no server. @returns what it printed. */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
      })
    child.on('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT'
      const missing = `${program} is not on the PATH: install the client programs of PostgreSQL, as new as the server at least`
      reject(new ProgramError(isMissing ? missing : error.message, { cause: error }))
    })
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(printed.stdout)
      const said = printed.stderr.trim() || `it ended with ${signal ?? code}`
      reject(new ProgramError(said.startsWith(program) ? said : `${program}: ${said}`))
    })
  })
}

/**
 * Runs one on the database that a URL names. Others on the machine can read what a program is called with, so the
 * password is in a file that nobody else can, as libpq wants it.
 */
export async function runOn(url: string, program: string, args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chatwarden-'))
  const passfile = join(folder, 'pgpass')
  try {
    const { password } = connectionTo(url, 'owner')
    const text = String(password ?? '').replace(/[\\:]/g, '\\$&')
    await writeFile(passfile, `*:*:*:*:${text}\n`, { mode: 0o600 })
    return await run(program, [...args, `--dbname=${parametersOf(url, passfile)}`])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function parametersOf(url: string, passfile: string): string {
  const { host, port, user, database } = connectionTo(url, 'owner')
  const { searchParams } = new URL(url)
  const tls = ['sslrootcert', 'sslcert', 'sslkey'].map((name) => [name, searchParams.get(name)] as const)
  const sslmode = searchParams.get('sslmode') ?? 'disable'
  const all = [
    ['host', host],
    ['port', port],
    ['user', user],
    ['dbname', database],
    ['passfile', passfile],
    ['sslmode', sslmode],
    ...tls,
  ] as const
  return all
    .filter(([, value]) => value != null && value !== '')
    .map(([name, value]) => `${name}='${String(value).replace(/[\\']/g, '\\$&')}'`)
    .join(' ')
}
