import { parseArgs } from 'node:util'
import { openChatwarden } from '../app/open.ts'
import { UsageError } from '../app/usage-error.ts'
import { print, printLines } from './print.ts'

/** `chatwarden confirm`: what waits for another owner, and the word of whoever runs the bot for it. */
export async function run(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true })
  const [code, ...others] = positionals
  if (others.length > 0 || (code !== undefined && !/^[0-9]{6}$/.test(code)))
    throw new UsageError('confirm takes one code of six digits, as chatwarden confirm alone lists them.')
  const chatwarden = await openChatwarden({ jobs: false })
  try {
    if (code === undefined) {
      const requests = await chatwarden.waiting()
      for (const { code, command, what, requestedBy, expiresAt } of requests) {
        print(`${code}  ${command}, asked by ${requestedBy}, until ${expiresAt.toISOString()}`)
        printLines(what, print, '        ')
      }
      print(
        requests.length === 0
          ? 'Nothing waits for another owner.'
          : 'To confirm one: chatwarden confirm <code>. Ask who asked for it whether it was them.',
      )
      return 0
    }
    const { kind, text } = await chatwarden.decide(code)
    printLines(text, print)
    return kind === 'answered' ? 0 : 2
  } finally {
    await chatwarden.close()
  }
}
