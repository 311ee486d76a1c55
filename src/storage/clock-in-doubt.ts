/** Whether an entry doubts the clock, and none has ended that: an expression in SQL. */
export const CLOCK_IN_DOUBT = `coalesce((SELECT max(seq) FROM audit_logs WHERE action = 'CLOCK_DOUBTED'), -1)
  > coalesce((SELECT max(seq) FROM audit_logs WHERE action = 'CLOCK_TRUSTED'), -1)`
