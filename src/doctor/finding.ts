/** What one check came to. A problem keeps the bot from working; a warning may. */
export interface Finding {
  readonly name: string
  readonly verdict: 'ok' | 'warning' | 'problem'
  readonly text: string
  /** What to do about it. */
  readonly advice?: string
}

export const ok = (name: string, text: string): Finding => ({ name, verdict: 'ok', text })

export const warning = (name: string, text: string, advice: string): Finding => ({
  name,
  verdict: 'warning',
  text,
  advice,
})

export const problem = (name: string, text: string, advice: string): Finding => ({
  name,
  verdict: 'problem',
  text,
  advice,
})
