import { cleanupExpiredAuditLogs } from 'chatwarden';

// Clean up logs older than 90 days
await cleanupExpiredAuditLogs(90);
