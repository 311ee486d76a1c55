import { auditEvent } from '../../audit/entry/entry.ts'
import { blocksOn } from '../../roles/access-service.ts'
import { findPerson } from '../../roles/person.ts'
import { effectiveRole, isWhitelisted } from '../../roles/user.ts'
import { person } from '../arguments/person.ts'
import { defineCommand } from '../command.ts'

export const userStatus = defineCommand({
  words: ['user', 'status'],
  role: 'OPERATOR',
  summary: 'Whether somebody may use the bot, and if not, why and until when.',
  examples: ['user status +1234567890'],
  sensitive: true,
  arguments: { target: person },
  attemptedAction: () => 'VIEW_USER_STATUS',
  denial: (texts) => texts.denied.users,
  run: async ({ reader, seals, texts, clock, time, settings, own }, { target }) => {
    const person = await findPerson(reader, target)
    const { user, userId } = person
    const [block] = await blocksOn({ db: reader, seals }, person, clock.now())
    const text = texts.access.status({
      account: target,
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
      await tx.append(auditEvent('USERS_VIEWED', actor, place, { view: 'status', targetUser: target }, userId))
      return { kind: 'answered', text }
    }
  },
})
