import type { Account } from '../../kernel/account.ts'

export const welcome = (account: Account, prefix: string, version: string | undefined): string =>
  [
    `Chatwarden${version === undefined ? '' : ` ${version}`}. You are talking to the bot as ${account}.`,
    `  ${prefix} help   what you can ask the bot`,
    `  ${'/help'.padEnd(prefix.length + 5)}   the terminal's own commands, e.g. to write as somebody else`,
    `  ${'Ctrl-D'.padEnd(prefix.length + 5)}   leave`,
  ].join('\n')
