import { AuditLogRepository } from 'chatwarden';

// Get all actions by a user (for GDPR right-to-access)
const userId = 'user_123';
const userLogs = await AuditLogRepository.findByUser(userId, 1000);

// Export to JSON
const jsonData = await AuditLogRepository.exportToJSON({
  userId
});

// Send to user
console.log(`User has ${userLogs.length} audit log entries`);
// In production: email or download link

console.log(jsonData)
