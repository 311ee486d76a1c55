/** Registers what is to be done when the test has ended; for a `beforeAll`, which has no test, a list of one's own. */
export type AtEnd = (cleanUp: () => void | Promise<void>) => void
