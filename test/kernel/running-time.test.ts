import { expect, test } from 'vitest'
import { PagedChats } from '../../src/commands/paged-chats.ts'
import { HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { Complaints } from '../../src/kernel/complaints.ts'
import type { Logger } from '../../src/kernel/log.ts'

/** A clock that somebody sets while the process runs on. */
class SetClock {
  #ran = 0
  #set = 0
  now = () => 1_800_000_000_000 + this.#ran + this.#set
  monotonic = () => this.#ran
  run(ms: number) {
    this.#ran += ms
  }
  set(ms: number) {
    this.#set += ms
  }
}

test.each([-5 * HOUR, 5 * HOUR])('a clock that is set by %i ms changes nothing of what lasts in the process', (by) => {
  const clock = new SetClock()
  const told: string[] = []
  const complaints = new Complaints(clock, {
    error: (_: unknown, message: string) => told.push(message),
  } as never as Logger)
  const chats = new PagedChats(clock)
  const sender = { id: '+15550001111' }
  complaints.tell('trouble', undefined)
  chats.note(sender, 'chat', true)
  clock.set(by)
  clock.run(MINUTE)
  complaints.tell('trouble', undefined)
  expect([told, chats.expectsMore(sender, 'chat')]).toEqual([['trouble'], true])
  clock.run(HOUR)
  complaints.tell('trouble', undefined)
  expect([told, chats.expectsMore(sender, 'chat')]).toEqual([['trouble', 'trouble'], false])
})
