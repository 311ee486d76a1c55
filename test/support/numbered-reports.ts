import type { TestWarden } from './chatwarden.ts'

/** Reports an event by a number, as a host does. */
export const report = ({ AuditLogger }: Pick<TestWarden, 'AuditLogger'>, n: number) =>
  AuditLogger.logCircuitBreakerChange({ service: 'test', state: 'OPEN', failureCount: n })

/** The numbers of those in the trail, in its order. */
export const NUMBERS = `SELECT json_extract(metadata, '$.failureCount') AS n FROM audit_logs WHERE action = 'CIRCUIT_BREAKER_OPEN' ORDER BY seq`

export const written = ({ sql }: Pick<TestWarden, 'sql'>): number[] =>
  sql<{ n: number }>(NUMBERS).map(({ n }) => Number(n))
