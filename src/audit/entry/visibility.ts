import { ChatwardenError } from '../../kernel/errors.ts'
import { type EventType, neededOf } from './event-type.ts'
import type { EventTypes } from './event-types.ts'
import { importedAs } from './standing.ts'

const actionsWhere = (types: EventTypes, isSo: (type: EventType) => boolean): string[] =>
  Object.keys(types).filter((action) => isSo(types[action] as EventType))

/** The actions of which whoever they are about sees what somebody else did. */
export const shownToSubject = (types: EventTypes): string[] =>
  actionsWhere(types, (type) => type.shownToSubject !== undefined)

/** The actions that OWNERs alone see, those of another trail too. */
export const seenByOwnersOnly = (types: EventTypes): string[] =>
  actionsWhere(types, (type) => type.ownersOnly === true).flatMap((action) => [action, importedAs(action)])

/**
 * Checks what a host's event types say of who sees them.
 * @throws {ChatwardenError} `CONFIG_INVALID`, naming the event.
 */
export function checkVisibility(types: EventTypes): void {
  for (const [action, type] of Object.entries(types)) {
    const refuse = (problem: string) => {
      throw new ChatwardenError('CONFIG_INVALID', `events: ${action}: ${problem}`)
    }
    if (typeof type?.metadata?.shape !== 'object')
      refuse('metadata has to be an object of zod, such as z.strictObject({}).')
    const { shownToSubject: shown, ownersOnly, resource, metadata } = type
    if (ownersOnly !== undefined && ownersOnly !== true) refuse('ownersOnly is true, or is left out.')
    if (shown === undefined) continue
    if (!Array.isArray(shown)) refuse("shownToSubject is a list of fields of metadata, such as ['target'].")
    if (ownersOnly) refuse('shownToSubject and ownersOnly exclude each other.')
    if (resource === undefined) refuse('shownToSubject needs resource, which says whom it is about.')
    for (const name of shown)
      if (!Object.hasOwn(metadata.shape, name))
        refuse(`shownToSubject names ${JSON.stringify(name)}, which is not in metadata.`)
    for (const name of neededOf(type))
      if (!shown.includes(name))
        refuse(`shownToSubject lacks ${JSON.stringify(name)}, which is always there and may be in the description.`)
  }
}
