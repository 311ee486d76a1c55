import { AuditLogRepository, AuditCategory } from 'chatwarden';

// Query all config changes in last 30 days
const configChanges = await AuditLogRepository.query({
  category: AuditCategory.CONFIG,
  startDate: new Date(Date.now() - 30 * 24 * 60 * 60 * 1000),
  limit: 50
});

// Print changes
configChanges.forEach(log => {
  console.log(`${log.createdAt}: ${log.phoneNumber} (${log.userRole})`);
  console.log(`  Action: ${log.description}`);
  const metadata = JSON.parse(log.metadata);
  console.log(`  Setting: ${metadata.setting}`);
  console.log(`  ${metadata.oldValue} → ${metadata.newValue}`);
});
