import type { AuditLog } from '../../audit/entry/entry.ts'
import { objectIn } from '../../kernel/json.ts'
import { MAX_REPLY_LENGTH } from '../../kernel/message.ts'
import { ownTime } from '../../kernel/own-time.ts'
import type { CommandContext } from '../command.ts'

/** How many entries to ask for: one more than belong on a page tells whether there is a next one. */
export const asked = (context: CommandContext): number => pageSize(context) + 1

const pageSize = ({ settings, own }: CommandContext): number => settings.get(own.pageSize)

export interface Page {
  readonly text: string
  readonly shown: number
  /** The position of the next page, if there is one. */
  readonly next: string | undefined
}

/**
 * As many of the entries as belong on a page and fit into one message. Give it as many as were `asked` for.
 */
export function entryPage(
  context: CommandContext,
  entries: readonly AuditLog[],
  title: (shown: number) => string,
): Page {
  const blocks: string[] = []
  let room = MAX_REPLY_LENGTH - title(pageSize(context)).length - 200
  for (const entry of entries.slice(0, pageSize(context))) {
    const { action, category, description } = entry
    const time = context.time(ownTime(entry))
    const block = context.texts.audit.entry({ action, category, time, description, actor: shownActor(context, entry) })
    room -= block.length + 1
    if (room < 0) break
    blocks.push(block)
  }
  const shown = blocks.length
  const next = shown < entries.length ? String(entries[shown - 1]?.seq) : undefined
  const footer = next === undefined ? [] : [context.texts.audit.more(context.prefix)]
  return { text: [`${title(shown)}\n`, ...blocks, ...footer].join('\n'), shown, next }
}

/** The filter of the next page: only what is before the last entry shown. */
export const beforeSeq = ({ position }: CommandContext): number | undefined =>
  position === undefined ? undefined : Number(position)

export function shownActor({ texts }: CommandContext, entry: AuditLog, account = entry.account): string {
  const { operator } = objectIn(entry.metadata) ?? {}
  const line = texts.actor.line(account, entry.actorName, entry.userRole)
  return typeof operator === 'string' ? line + texts.actor.typedBy(operator) : line
}

/** A number that is counted only so far: `1000+` beyond. */
export const upTo = (count: number, limit: number): string => (count > limit ? `${limit}+` : String(count))
