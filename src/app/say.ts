import { randomUUID } from 'node:crypto'
import type { Send } from '../chat/adapter.ts'
import { isGroupId } from '../chat/terminal/place.ts'
import { createPrinter } from '../chat/terminal/printer.ts'
import { type Account, readAccount } from '../kernel/account.ts'
import { withMarks } from '../kernel/lookalikes.ts'
import type { IncomingMessage, Status } from '../kernel/message.ts'
import { accountProblem } from '../kernel/phone-problem.ts'
import { openChatwarden } from './open.ts'
import { operatorName, terminalAccount } from './operator.ts'
import { UsageError } from './usage-error.ts'

export interface Say {
  readonly text: string
  /** The account of whom to act as; by default the owner that the terminal acts as. */
  readonly as: string | undefined
  /** The group to write in; by default the private chat. */
  readonly group: string | undefined
  readonly out: string
}

/**
 * Handles one message and prints the replies on stdout. It starts no job and no transport, so it may run beside the
 * bot on the same database.
 */
export async function say({ text, as, group, out }: Say): Promise<Status> {
  if (group !== undefined && !isGroupId(group))
    throw new UsageError('--group needs the id of a group: one word of at most 100 characters and no account.')
  const chatwarden = await openChatwarden({ jobs: false })
  try {
    const account =
      as === undefined ? await terminalAccount(chatwarden) : accountAs(as, chatwarden.config.defaultCountry)
    const chat =
      group === undefined ? ({ id: account, kind: 'private' } as const) : ({ id: group, kind: 'group' } as const)
    const sender = { id: account, operator: operatorName() }
    const message: IncomingMessage = { id: randomUUID(), source: 'cli', chat, sender, text }
    const privateChat = group === undefined ? { privateChatId: account } : {}
    const print = createPrinter({ output: process.stdout, exportDirectory: out, ...privateChat })
    let isComplete = true
    const send: Send = async (to, content) => {
      await print(to, content).catch((error: NodeJS.ErrnoException) => {
        // Who closed stdout has read enough (`| head`).
        if (error.code === 'EPIPE') return
        isComplete = false
        throw error
      })
    }
    const status = await chatwarden.respond(message, send)
    // A script must not take an export that could not be saved for one that was.
    return status === 'answered' && !isComplete ? 'unsent' : status
  } finally {
    await chatwarden.close()
  }
}

function accountAs(typed: string, defaultCountry: string | undefined): Account {
  const reading = readAccount(withMarks(typed), defaultCountry)
  if (reading.kind === 'account') return reading.account
  const example = reading.kind === 'twofold' ? '' : ', such as +15550001111'
  throw new UsageError(`--as ${typed} ${accountProblem(reading)}${example}.`)
}
