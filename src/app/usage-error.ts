/** A command line that cannot be meant; the message says why. */
export class UsageError extends Error {}
