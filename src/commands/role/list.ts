import { auditEvent } from '../../audit/entry/entry.ts'
import { ROLES, type Role } from '../../roles/role.ts'
import { countByRole, usersWithRole } from '../../roles/stored-user.repository.ts'
import { defineCommand } from '../command.ts'

/** How many of each role are shown: all of these together fit into one message. */
const SHOWN: Readonly<Record<Role, number>> = { OWNER: 15, ADMIN: 15, OPERATOR: 15, USER: 10 }

export const listRoles = defineCommand({
  words: ['role', 'list'],
  role: 'ADMIN',
  summary: 'All users by role.',
  examples: ['role list'],
  sensitive: true,
  arguments: {},
  attemptedAction: () => 'LIST_USERS',
  denial: (texts) => texts.denied.roles,
  run: async ({ reader, texts }) => {
    const counts = await countByRole(reader)
    const sections = await Promise.all(
      ROLES.filter((role) => counts[role] > 0).map(async (role) => {
        const users = await usersWithRole(reader, role, SHOWN[role])
        const rest = counts[role] - users.length
        return [
          texts.role.listGroup(role, counts[role]),
          ...users.map((user) => texts.role.listUser(user.account, user.name)),
          ...(rest > 0 ? [texts.role.listRest(rest)] : []),
        ].join('\n')
      }),
    )
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
    return async (tx, caller) => {
      await tx.append(auditEvent('USERS_VIEWED', caller.actor, caller.place, { view: 'list' }))
      return { kind: 'answered', text: [texts.role.listTitle, ...sections, texts.role.listTotal(total)].join('\n\n') }
    }
  },
})
