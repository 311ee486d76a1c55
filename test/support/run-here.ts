import { vi } from 'vitest'
import { urlOf } from './database.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command of the command line in this process, in the environment of a database's folder. */
export async function runHere(
  run: (args: string[]) => Promise<number>,
  args: readonly string[],
  { path, folder }: { readonly path: string; readonly folder: string },
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const all = { DATABASE_URL: urlOf(path), DATA_DIR: folder, SETTINGS_KEY: '', AUDIT_SIGNING_KEY: '', ...env }
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
  const [stdout, stderr] = [caught(process.stdout), caught(process.stderr)]
  try {
    return { code: await run([...args]), stdout: stdout.lines.join(''), stderr: stderr.lines.join('') }
  } finally {
    for (const { restore } of [stdout, stderr]) restore()
    vi.unstubAllEnvs()
  }
}

function caught(stream: NodeJS.WriteStream) {
  const lines: string[] = []
  const write = vi.spyOn(stream, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  return { lines, restore: () => write.mockRestore() }
}
