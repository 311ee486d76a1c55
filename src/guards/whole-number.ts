import { ChatwardenError } from '../kernel/errors.ts'

/** The longest time in milliseconds that a timer can wait; one set to more fires at once. */
export const LONGEST_TIME = 2 ** 31 - 1

/** @throws {ChatwardenError} `INVALID_ARGUMENT` if `value` is not a whole number from `from` to `to`. */
export function wholeNumber(name: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value
  throw new ChatwardenError('INVALID_ARGUMENT', `${name} must be a whole number from ${from} to ${to}.`)
}
