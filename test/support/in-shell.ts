import { spawnSync } from 'node:child_process'
import { temporaryFolder } from './chatwarden.ts'
import { CLI } from './child.ts'
import { environmentOf } from './database.ts'

/** Runs a line of a shell in which `chatwarden` is the built command line, on the database at `path`. */
export const inShell = (path: string, line: string, cwd = temporaryFolder()) =>
  spawnSync('bash', ['-c', `set -o pipefail; ${line.replaceAll('chatwarden', `"${process.execPath}" "${CLI}"`)}`], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...environmentOf(path) },
    cwd,
  })
