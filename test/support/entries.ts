import type { LeafFields } from '../../src/audit/tree/leaf.ts'

/** An entry as it is stored, for a leaf. */
export function leafFields(changes: Partial<LeafFields> = {}): LeafFields {
  return {
    id: '0193d2a4-7c10-7b3e-9a51-3f0c2d4e5f60',
    createdAt: new Date('2025-01-02T03:04:05.006Z'),
    source: 'whatsapp',
    category: 'AUTH',
    action: 'ROLE_CHANGE',
    description: 'Changed the role of +15550002222 from USER to OPERATOR',
    userId: 'user_123',
    account: '+15550001111',
    actorName: 'Ann Ø. 😀',
    userRole: 'OWNER',
    resourceType: 'user',
    resourceId: '+15550002222',
    subjectId: 'user_456',
    channelId: null,
    requestId: null,
    ipAddress: null,
    userAgent: null,
    metadata: '{"newRole":"OPERATOR","oldRole":"USER","targetUser":"+15550002222"}',
    nonce: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
    ...changes,
  }
}
