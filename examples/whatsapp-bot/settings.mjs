// What admins of this bot may turn in the chat, with !config get, set and reset.
import { defineSetting } from 'chatwarden'
import { z } from 'zod'

export const answerStyle = defineSetting({
  name: 'answer-style',
  summary: 'How the bot answers questions: in full sentences, or as short as it can.',
  schema: z.enum(['full', 'short']),
  fallback: 'full',
  example: 'short',
  role: 'ADMIN',
})

export const tokenPrice = defineSetting({
  name: 'token-price',
  summary: 'What one token of an answer costs, in the unit of the cost thresholds.',
  schema: z.number().min(0).max(1),
  fallback: 0.0001,
  example: '0.0002',
})

/** A secret is encrypted in the database, and never shown or logged. */
export const answererKey = defineSetting({
  name: 'answerer-key',
  summary: 'The key of the answering service.',
  schema: z.string().min(8),
  fallback: '',
  example: 'at-least-eight-characters',
  secret: true,
})

export const settings = [answerStyle, tokenPrice, answererKey]
