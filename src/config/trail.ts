import { z } from 'zod'
import { variable } from './variable.ts'

const matching = (pattern: RegExp, error: string) =>
  z
    .string()
    .optional()
    .refine((text) => text === undefined || pattern.test(text), { error })

export const TRAIL_VARIABLES = {
  AUDIT_SIGNING_KEY: variable({
    help: 'The private key that signs the trail, as `chatwarden key new` prints one. Without it one is made, in a file beside the database.',
    example: 'PRIVATE+KEY+example.com/trail+e0a97276+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
    isSecret: true,
    schema: matching(
      /^PRIVATE\+KEY\+[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/,
      'must be a key as `chatwarden key new` prints one',
    ),
  }),
  AUDIT_ORIGIN: variable({
    help: 'The name of the trail, which its checkpoints begin with, for a key that is made. A trail keeps its name.',
    example: 'example.com/trail',
    schema: matching(/^[^\s+]{1,100}$/u, 'must be one word of at most 100 characters, without +'),
  }),
} as const
