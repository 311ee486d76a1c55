import { auditEvent } from '../../audit/entry/entry.ts'
import { whitelistedUsers } from '../../roles/stored-user.repository.ts'
import { defineCommand } from '../command.ts'

export const listWhitelist = defineCommand({
  words: ['whitelist', 'list'],
  role: 'ADMIN',
  summary: 'Everybody on the whitelist, and whether it counts.',
  examples: ['whitelist list'],
  sensitive: true,
  arguments: {},
  attemptedAction: () => 'VIEW_WHITELIST',
  denial: (texts) => texts.denied.whitelist,
  run: async ({ reader, texts, settings, own, position, prefix }) => {
    const size = settings.get(own.pageSize)
    const found = await whitelistedUsers(reader, size + 1, position)
    const users = found.slice(0, size)
    const next = found.length > size ? users.at(-1)?.id : undefined
    const text = [
      texts.access.whitelistTitle(settings.get(own.whitelistMode)),
      ...(users.length === 0 ? [texts.access.whitelistEmpty] : []),
      ...users.map(({ account, name, role }) => `${texts.role.listUser(account, name)} (${role})`),
      ...(next === undefined ? [] : [texts.access.more(prefix)]),
    ].join('\n')
    return async (tx, { actor, place }) => {
      const filters = position === undefined ? {} : { filters: { after: position } }
      await tx.append(auditEvent('USERS_VIEWED', actor, place, { view: 'whitelist', ...filters }))
      return { kind: 'answered', text, ...(next !== undefined && { position: next }) }
    }
  },
})
