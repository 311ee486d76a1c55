import type { EffectiveRole } from '../roles/role.ts'
import type { Texts } from '../text/english.ts'
import type { Command } from './command.ts'
import { findCommand, GROUPS, permitted, usageOf } from './registry.ts'

/** Help on everything, on a group of commands or on one: only what the role may run. */
export function help(topic: readonly string[], role: EffectiveRole, texts: Texts, prefix: string): string {
  const command = findCommand(topic.join(' '))
  if (command !== undefined) return commandHelp(command, texts, prefix)
  const title = GROUPS[topic[0] ?? '']?.title ?? 'Commands'
  const lines = permitted(role, topic).map((each) => texts.help.line(`${prefix} ${usageOf(each)}`, each.summary))
  return [texts.help.title(title), texts.help.intro, ...lines, texts.help.hint(prefix)].join('\n')
}

function commandHelp(command: Command, texts: Texts, prefix: string): string {
  return [
    texts.help.title(`${prefix} ${usageOf(command)}`),
    command.summary,
    texts.help.requires(command.role),
    texts.help.examples,
    ...command.examples.map((example) => `• ${prefix} ${example}`),
  ].join('\n')
}
