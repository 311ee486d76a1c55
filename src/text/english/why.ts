import { literal, whom } from '../markup.ts'

type Why = {
  readonly account: string
  readonly role: string
  readonly command: string
  readonly rule: string
  readonly allowed: boolean
  /** What else has to happen. */
  readonly note: string | undefined
  /** Whether only the role could be judged. */
  readonly isPartial: boolean
  readonly hasClaim: boolean
}

export const why = {
  answer: (of: Why) =>
    [
      `🔎 *${whom(of.account)} (${of.role})*`,
      `${literal(of.command, 200)}: ${of.allowed ? '✅ *allowed*' : '⛔ *not allowed*'}`,
      `📏 ${of.rule}`,
      ...(of.note === undefined ? [] : [`⏳ ${of.note}`]),
      ...(of.isPartial ? ['_I could not read what follows the command, so only the role was looked at._'] : []),
      ...(of.hasClaim
        ? ['🚨 Another account than before has appeared as this number; from that one nothing is allowed.']
        : []),
    ].join('\n'),
  role: (role: string) => `It requires ${role}${role === 'OWNER' ? '' : ' or higher'}, and nothing else is in the way.`,
  roleTooLow: (least: string, role: string) =>
    `It requires ${least}${least === 'OWNER' ? '' : ' or higher'}; their role is ${role}.`,
  blocked: (until: string | undefined) => `They are blocked until ${until ?? 'somebody unblocks them'}.`,
  notWhitelisted: 'Whitelist mode is on, and they are not on the whitelist.',
  unknownSetting: 'There is no such setting.',
  confirmed: 'A change that may cost something has to be confirmed, and takes effect after 7 days.',
  confirmedErasure: 'Another owner has to confirm it, or they themself where there is none.',
  anotherOwner: 'Another owner has to confirm it.',
  unknownCommand: 'I know no such command. Write it as it would be sent, for example: audit list',
}
