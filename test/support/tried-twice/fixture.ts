import { createServer } from 'node:net'
import { expect, test } from 'vitest'

// What makes this a file that starts something.
createServer()

let tries = 0
const never = () => new Promise<void>(() => {})

test('runs out of time once', () => (++tries === 1 ? never() : undefined), 200)
test('runs out of time always', never, 200)
test('asserts once', () => expect(++tries).toBe(0))
