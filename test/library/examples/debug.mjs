import { AuditLogRepository, isSchedulerRunning } from 'chatwarden';

// Check if audit log was created
const logs = await AuditLogRepository.getRecent();
console.log(`Found ${logs.length} recent logs`);

console.log(`Scheduler running: ${isSchedulerRunning()}`);
