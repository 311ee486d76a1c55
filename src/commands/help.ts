import { MAX_REPLY_LENGTH } from '../kernel/message.ts'
import type { EffectiveRole } from '../roles/role.ts'
import type { Texts } from '../text/english.ts'
import type { Command } from './command.ts'
import { findCommand, GROUPS, permitted, usageOf } from './registry.ts'

/** Help on everything, on a group of commands or on one: only what the role may run. */
export function help(topic: readonly string[], role: EffectiveRole, texts: Texts, prefix: string): string {
  const command = findCommand(topic.join(' '))
  if (command !== undefined) return commandHelp(command, texts, prefix)
  const title = GROUPS[topic[0] ?? '']?.title ?? 'Commands'
  const commands = permitted(role, topic)
  const shown = (summaryOf: (summary: string) => string) => {
    const lines = commands.map((each) => texts.help.line(`${prefix} ${usageOf(each)}`, summaryOf(each.summary)))
    return [texts.help.title(title), texts.help.intro, ...lines, texts.help.hint(prefix)].join('\n')
  }
  // Every command has to be in the one message: where there are many, less is said of each.
  const texted = [(all: string) => all, firstSentence, () => ''].map(shown)
  return texted.find(({ length }) => length <= MAX_REPLY_LENGTH) ?? texted.at(-1) ?? ''
}

const firstSentence = (summary: string): string => summary.replace(/(?<=\.) .*$/s, '')

function commandHelp(command: Command, texts: Texts, prefix: string): string {
  return [
    texts.help.title(`${prefix} ${usageOf(command)}`),
    command.summary,
    texts.help.requires(command.role),
    texts.help.examples,
    ...command.examples.map((example) => `• ${prefix} ${example}`),
  ].join('\n')
}
