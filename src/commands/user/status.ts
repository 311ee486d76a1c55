import { auditEvent } from '../../audit/entry/entry.ts'
import { activeBlock } from '../../roles/block.repository.ts'
import { findUser } from '../../roles/stored-user.repository.ts'
import { effectiveRole, isWhitelisted } from '../../roles/user.ts'
import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'

export const userStatus = defineCommand({
  words: ['user', 'status'],
  role: 'OPERATOR',
  summary: 'Whether somebody may use the bot, and if not, why and until when.',
  examples: ['user status +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'VIEW_USER_STATUS',
  denial: (texts) => texts.denied.users,
  run: async ({ reader, texts, clock, time, settings, own }, { phone }) => {
    const [user, block] = await Promise.all([findUser(reader, phone), activeBlock(reader, phone, clock.now())])
    const text = texts.access.status({
      phone,
      name: user?.name ?? null,
      role: effectiveRole(user),
      whitelisted: user !== undefined && isWhitelisted(user),
      whitelistMode: settings.get(own.whitelistMode),
      block: block && {
        until: block.until === null ? undefined : time(block.until),
        reason: block.reason,
        by: block.blockedBy,
        since: time(block.blockedAt),
      },
    })
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('USERS_VIEWED', actor, place, { view: 'status', targetUser: phone }))
      return { kind: 'answered', text }
    }
  },
})
