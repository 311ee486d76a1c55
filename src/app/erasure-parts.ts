import { Erasure, type People } from '../audit/remove/erasure.ts'
import { rememberErasure } from '../audit/remove/erasure-journal.ts'
import { forgetConversation } from '../commands/forget-person.repository.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import { accountsOf, forgetPerson } from '../roles/forget-person.repository.ts'
import { findUser } from '../roles/stored-user.repository.ts'
import { erasureJournal } from '../storage/beside-database.ts'
import { subjectHash } from './subject-hash.ts'

/** Erasure with all that Chatwarden knows of people, and the journal beside the database. */
export function erasureOf(config: Config, clock: Clock, forgetWaiting: People['forgetWaiting']): Erasure {
  const people: People = {
    accountsOf,
    nameOf: async (db, phone) => (await findUser(db, phone))?.name ?? undefined,
    forget: async (db, phone, accounts) => {
      await forgetPerson(db, phone, accounts, new Date(clock.now()))
      await forgetConversation(db, phone, accounts)
    },
    forgetWaiting,
    remember: (erasure) => rememberErasure(erasureJournal(config), erasure),
  }
  return new Erasure(people, subjectHash(config))
}
