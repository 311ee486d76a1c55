/** What a command of the command line said and how it ended. */
export interface Ended {
  readonly code: number
  readonly out: string
}

/** Runs a command of the command line in this process, with these variables and nothing else that is Chatwarden's. */
export async function onCommandLine(run: () => Promise<number>, env: Readonly<Record<string, string>>): Promise<Ended> {
  const before = { ...process.env }
  const write = process.stdout.write
  let out = ''
  Object.assign(process.env, { LOG_LEVEL: 'silent', ...env })
  process.stdout.write = ((text: string | Uint8Array) => {
    out += text
    return true
  }) as typeof process.stdout.write
  try {
    return { code: await run(), out }
  } finally {
    process.stdout.write = write
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
