import { ChatwardenError } from '../../kernel/errors.ts'

/** Something that only the operator can put right keeps the bot from starting. The message says what, and how. */
export class CannotStart extends ChatwardenError {
  constructor(message: string, options?: ErrorOptions) {
    super('CANNOT_START', `\n${message}`, options)
  }
}
