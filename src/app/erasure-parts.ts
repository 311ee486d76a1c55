import { Erasure, type People } from '../audit/remove/erasure.ts'
import { rememberErasure } from '../audit/remove/erasure-journal.ts'
import { forgetConversation } from '../commands/forget-person.repository.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import { allOf, forgetPerson } from '../roles/forget-person.repository.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import { erasureJournal } from '../storage/beside-database.ts'
import { subjectHash } from './subject-hash.ts'

/** Erasure with all that Chatwarden knows of people, and the journal beside the database. */
export function erasureOf(config: Config, clock: Clock, forgetWaiting: People['forgetWaiting']): Erasure {
  const people: People = {
    allOf,
    nameOf: async (db, { userId }) => (userId && (await findUserById(db, userId))?.name) || undefined,
    forget: async (db, who) => {
      await forgetPerson(db, who, new Date(clock.now()))
      await forgetConversation(db, who)
    },
    forgetWaiting,
    remember: (erasure) => rememberErasure(erasureJournal(config), erasure),
  }
  return new Erasure(people, subjectHash(config))
}
