import { auditEvent } from '../../audit/entry/entry.ts'
import { blocksOn } from '../../roles/access-service.ts'
import { findPerson } from '../../roles/person.ts'
import { isWhitelisted } from '../../roles/user.ts'
import { person } from '../arguments/person.ts'
import { defineCommand } from '../command.ts'

export const info = defineCommand({
  words: ['role', 'info'],
  role: 'ADMIN',
  summary: 'One user: role, since when, and what the role permits.',
  examples: ['role info +1234567890'],
  sensitive: true,
  arguments: { target: person },
  attemptedAction: () => 'VIEW_USER_INFO',
  denial: (texts) => texts.denied.roles,
  run: async ({ reader, seals, texts, time, clock }, { target }) => {
    const found = await findPerson(reader, target)
    const { user, userId } = found
    const [block] = await blocksOn({ db: reader, seals }, found, clock.now())
    const until = block && texts.access.until(block.until === null ? undefined : time(block.until))
    return async (tx, caller) => {
      if (user === undefined) return { kind: 'not-found', text: texts.role.notFound(target) }
      await tx.append(
        auditEvent('USERS_VIEWED', caller.actor, caller.place, { view: 'info', targetUser: target }, userId),
      )
      const { name, role, createdAt } = user
      const text = texts.role.info({
        account: target,
        others: found.accounts.filter((account) => account !== target),
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
