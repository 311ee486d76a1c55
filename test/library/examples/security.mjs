import { AuditLogRepository, AuditCategory } from 'chatwarden';

// Get recent security events
const securityEvents = await AuditLogRepository.query({
  category: AuditCategory.SECURITY,
  startDate: new Date(Date.now() - 7 * 24 * 60 * 60 * 1000)
});

// Group by action type
const byAction = securityEvents.reduce((acc, log) => {
  acc[log.action] = (acc[log.action] || 0) + 1;
  return acc;
}, {});

console.log('Security Events (last 7 days):');
console.log(`  Rate Limit Violations: ${byAction['RATE_LIMIT_VIOLATION'] || 0}`);
console.log(`  Moderation Flags: ${byAction['MODERATION_FLAG'] || 0}`);
console.log(`  Circuit Breaker Opens: ${byAction['CIRCUIT_BREAKER_OPEN'] || 0}`);
