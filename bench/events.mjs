// @ts-check

/** @typedef {import('../dist/index.js').Chatwarden} Chatwarden */

const USERS = 2000

/** The phone of user 0 to 1999: the lower the number, the more they do. @param {number} user */
export const phone = (user) => `+1555${1_000_000 + user}`

/**
 * Reports event `n` of a bot in use: mostly limits and denials, sometimes a role. The same `n` is the same event.
 * @param {Chatwarden['AuditLogger']} logger
 * @param {number} n
 * @returns {Promise<string>}
 */
export function logEvent(logger, n) {
  const user = Math.floor(USERS * scatter(n) ** 3)
  const phoneNumber = phone(user)
  const performedBy = { id: `user-${user}`, phoneNumber, role: 'ADMIN', name: `Person ${user}` }
  const targetUser = { phoneNumber: phone(Math.floor(USERS * scatter(n + 1))) }
  switch (n % 20) {
    case 0:
      return logger.logRoleChange({ performedBy, targetUser, oldRole: 'USER', newRole: 'OPERATOR' })
    case 1:
      return logger.logWhitelistChange({ performedBy, targetPhoneNumber: targetUser.phoneNumber, action: 'ADD' })
    case 2:
      return logger.logConfigChange({ performedBy, setting: 'rateLimitPerUser', oldValue: n % 50, newValue: n % 60 })
    case 3:
    case 4:
      return logger.logAuditLogViewed({ performedBy, filters: { days: n % 30, category: 'SECURITY' } })
    case 5:
    case 6:
    case 7:
      return logger.logUsageQuery({ performedBy, queryType: 'monthly', filters: { month: n % 12 } })
    case 8:
    case 9:
      return logger.logModerationFlag({ user: performedBy, flaggedCategories: ['harassment', 'hate'] })
    case 10:
    case 11:
    case 12:
    case 13:
      return logger.logPermissionDenied({
        phoneNumber,
        userRole: 'USER',
        action: 'VIEW_AUDIT_LOGS',
        reason: 'ROLE_TOO_LOW',
      })
    case 14:
      return logger.logCircuitBreakerChange({
        service: 'openai',
        state: n % 40 === 14 ? 'OPEN' : 'CLOSED',
        failureCount: 5,
      })
    default:
      return logger.logRateLimitViolation({ phoneNumber, limitType: 'user', limit: 20, consumed: 21 + (n % 9) })
  }
}

/** Tells a bot whose trail was filled with a clock of its own what time it is. @param {Chatwarden} chatwarden */
export async function sayTime(chatwarden) {
  const message = {
    id: 'hello',
    source: 'telegram',
    chat: { id: '7', kind: /** @type {const} */ ('private') },
    text: 'hello',
  }
  await chatwarden.handle({ ...message, sender: { id: '7' }, sentAt: new Date() })
}

/** From 0 to 1, evenly and without order. @param {number} n */
const scatter = (n) => ((n * 2_654_435_761) % 2 ** 32) / 2 ** 32
