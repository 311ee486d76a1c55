// Opens Chatwarden, logs one event and closes.
import { openChatwarden } from 'chatwarden'

const chatwarden = await openChatwarden({ jobs: false })
console.log(await chatwarden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: '+15550000101' } }))
await chatwarden.close()
