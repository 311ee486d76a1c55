import { auditEvent } from '../../../audit/entry/entry.ts'
import { holds } from '../../../audit/remove/hold.repository.ts'
import { defineCommand } from '../../command.ts'

export const listHolds = defineCommand({
  words: ['audit', 'hold', 'list'],
  role: 'OWNER',
  summary: 'The legal holds there are, since when and why.',
  examples: ['audit hold list'],
  sensitive: true,
  arguments: {},
  attemptedAction: () => 'VIEW_LEGAL_HOLDS',
  denial: (texts) => texts.denied.holds,
  run: async ({ reader, texts, time, settings, own, position, prefix }) => {
    const size = settings.get(own.pageSize)
    const from = Number(position ?? 0)
    const all = await holds(reader)
    const page = all.slice(from, from + size)
    const next = from + size < all.length ? String(from + size) : undefined
    const text = [
      texts.trail.holdsTitle,
      ...(all.length === 0 ? [texts.trail.noHolds] : []),
      ...page.map(({ subject, reason, heldBy, heldAt }) =>
        texts.trail.hold({ subject, reason, by: heldBy, since: time(heldAt) }),
      ),
      ...(next === undefined ? [] : [texts.access.more(prefix)]),
    ].join('\n')
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('AUDIT_HOLDS_VIEWED', actor, place, {}))
      return { kind: 'answered', text, ...(next !== undefined && { position: next }) }
    }
  },
})
