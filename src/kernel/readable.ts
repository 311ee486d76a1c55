import { inspect, types } from 'node:util'
import { excessOf } from './json.ts'

/**
 * What was thrown, as an error that can be logged: a host may throw what fails again as soon as it is looked at. Its
 * class is lost, its name is not.
 */
export function readable(thrown: unknown): Error {
  try {
    if (!types.isNativeError(thrown)) return new Error(`Thrown: ${inspect(thrown, { depth: 2 })}`)
    const { name, message, stack, cause } = thrown
    const error = new Error(String(message), cause === undefined ? {} : { cause: readable(cause) })
    const own = { ...thrown }
    const fields = excessOf(own) === undefined ? JSON.parse(JSON.stringify(own)) : {}
    return Object.assign(error, { ...fields, name: String(name), stack: String(stack) })
  } catch {
    return new Error('What was thrown cannot be read')
  }
}
