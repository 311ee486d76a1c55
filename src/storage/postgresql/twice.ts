import { isConnectionLost } from '../database-error.ts'

/** What has changed nothing yet may be done again where the connection turns out to be lost. */
export async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    return work()
  }
}
