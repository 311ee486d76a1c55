const userId = 'user_123'
import { AuditLogRepository, AuditCategory } from 'chatwarden';

// Get all security events from last 7 days
const securityLogs = await AuditLogRepository.query({
  category: AuditCategory.SECURITY,
  startDate: new Date(Date.now() - 7 * 24 * 60 * 60 * 1000),
  limit: 100
});

// Get all actions by a specific user
const userLogs = await AuditLogRepository.findByUser(userId, 50);

// Get all role changes
const roleChangeLogs = await AuditLogRepository.findByAction('ROLE_CHANGE', 20);

// Export to JSON
const jsonData = await AuditLogRepository.exportToJSON({
  startDate: new Date('2025-01-01'),
  endDate: new Date('2025-01-31')
});

// Export to CSV
const csvData = await AuditLogRepository.exportToCSV({
  category: AuditCategory.AUTH
});

console.log(JSON.stringify({ securityLogs, userLogs, roleChangeLogs, jsonData, csvData }))
