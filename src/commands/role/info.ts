import { auditEvent } from '../../audit/entry/entry.ts'
import { activeBlock } from '../../roles/block.repository.ts'
import { findUser } from '../../roles/stored-user.repository.ts'
import { isWhitelisted } from '../../roles/user.ts'
import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'

export const info = defineCommand({
  words: ['role', 'info'],
  role: 'ADMIN',
  summary: 'One user: role, since when, and what the role permits.',
  examples: ['role info +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'VIEW_USER_INFO',
  denial: (texts) => texts.denied.roles,
  run: async ({ reader, texts, time, clock }, { phone }) => {
    const [user, block] = await Promise.all([findUser(reader, phone), activeBlock(reader, phone, clock.now())])
    const until = block && texts.access.until(block.until === null ? undefined : time(block.until))
    return async (tx, caller) => {
      if (user === undefined) return { kind: 'not-found', text: texts.role.notFound(phone) }
      await tx.append(auditEvent('USERS_VIEWED', caller.actor, caller.place, { view: 'info', targetUser: phone }))
      const { name, role, createdAt } = user
      const text = texts.role.info({
        phone,
        name,
        role,
        whitelisted: isWhitelisted(user),
        created: time(createdAt),
        blocked: until,
      })
      return { kind: 'answered', text }
    }
  },
})
