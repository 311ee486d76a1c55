import { afterAll } from 'vitest'

/** Registers what is to be done when the test has ended; for a `beforeAll`, which has no test, a list of one's own. */
export type AtEnd = (cleanUp: () => void | Promise<void>) => void

/** Things to be done after all tests of a file. */
export function shareCleanUps(): { readonly add: AtEnd } {
  const cleanUps: (() => void | Promise<void>)[] = []
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
  })
  return { add: (cleanUp) => void cleanUps.push(cleanUp) }
}
