import { readAccount } from '../../kernel/account.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { certainForm } from '../../kernel/phone-problem.ts'
import { plainLine } from '../../kernel/plain-text.ts'
import { describePlace, isGroupId, type Place } from './place.ts'

export interface Outcome {
  readonly say?: string
  readonly place?: Place
  readonly quit?: true
}

interface OwnCommand {
  readonly usage: string
  readonly summary: string
  run(argument: string, place: Place, operator: string): Outcome
}

/** What the terminal understands itself. Nothing of it reaches the bot. */
const OWN_COMMANDS: Readonly<Record<string, OwnCommand>> = {
  '/as': {
    usage: '/as ACCOUNT',
    summary: 'write as somebody else, e.g. /as +15550001111 or /as telegram:42',
    run: actAs,
  },
  '/group': {
    usage: '/group ID',
    summary: 'write in a group, e.g. /group team',
    run: enter,
  },
  '/private': { usage: '/private', summary: 'write in private again', run: (_, place) => leave(place) },
  '/who': {
    usage: '/who',
    summary: 'whom you write as, and where',
    run: (_, place, operator) => ({ say: `(You are ${describePlace(place)}. Recorded as typed by ${operator}.)` }),
  },
  '/help': { usage: '/help', summary: 'this list', run: () => ({ say: help() }) },
  '/quit': { usage: '/quit', summary: 'leave, as Ctrl-D does', run: () => ({ quit: true }) },
}

export const OWN_COMMAND_NAMES: readonly string[] = Object.keys(OWN_COMMANDS)

export function runOwnCommand(line: string, place: Place, operator: string): Outcome {
  const [, name = '', argument = ''] = /^(\S+)\s*(.*)$/su.exec(line) ?? []
  const command = Object.entries(OWN_COMMANDS).find(([known]) => known === name.toLowerCase())?.[1]
  if (command === undefined)
    return {
      say: `(I don't know ${plainLine(name, 30)}. The terminal's own commands are: ${OWN_COMMAND_NAMES.join(', ')})`,
    }
  return command.run(argument, place, operator)
}

function actAs(typed: string, place: Place): Outcome {
  const reading = readAccount(withMarks(typed))
  if (reading.kind === 'account') return arrive({ ...place, account: reading.account })
  if (reading.kind === 'twofold')
    return {
      say: `(That may be either of two numbers: ${reading.forms.map((form) => `/as ${certainForm(form)}`).join(' or ')})`,
    }
  if (reading.kind === 'national')
    return { say: `(${plainLine(typed, 30)} has no country. Begin with +, e.g. /as +15550001111)` }
  const problem = typed === '' ? 'Whom? Give a phone number' : `${plainLine(typed, 30)} is nobody. Give a phone number`
  return { say: `(${problem} in the international form, e.g. /as +15550001111, or an account, e.g. /as telegram:42)` }
}

function enter(id: string, place: Place): Outcome {
  if (id === '') return leave(place)
  if (isGroupId(id)) return arrive({ ...place, group: id })
  return { say: "(A group's id is one word of at most 100 characters and no account, e.g. /group team)" }
}

const leave = ({ account }: Place): Outcome => arrive({ account })

const arrive = (place: Place): Outcome => ({ place, say: `(You are now ${describePlace(place)}.)` })

function help(): string {
  const width = Math.max(...Object.values(OWN_COMMANDS).map(({ usage }) => usage.length))
  const lines = Object.values(OWN_COMMANDS).map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`)
  return ["The terminal's own commands; every other line goes to the bot:", ...lines].join('\n')
}
