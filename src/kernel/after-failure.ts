/** Cleans up after something failed, and throws that. What fails in cleaning up would hide why. */
export async function afterFailure(failure: unknown, cleanUp: () => unknown): Promise<never> {
  try {
    await cleanUp()
  } catch {
    // A consequence, as a rule, of what failed first.
  }
  throw failure
}
