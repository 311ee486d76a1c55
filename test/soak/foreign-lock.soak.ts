import { test } from 'vitest'
import { expectNoFreeze } from '../support/foreign-lock.ts'

test('a lock of another process for 10 s never freezes the event loop, and what waited is all there afterwards', () =>
  expectNoFreeze(10_000, 100))
