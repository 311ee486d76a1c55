import { Archiving } from '../audit/archive/archiving.ts'
import type { Expired } from '../audit/archive/store-archives.ts'
import { DataRequests, type PeopleKnown } from '../audit/data-request/data-request.ts'
import type { EventTypes } from '../audit/entry/event-types.ts'
import { Exporter } from '../audit/export/exporter.ts'
import type { Archive } from '../audit/remove/retention.ts'
import { witnessRecord } from '../audit/verify/witness.repository.ts'
import { conversationRecord } from '../commands/conversation-record.repository.ts'
import { SharedObjects } from '../commands/shared-object.repository.ts'
import type { Source } from '../kernel/message.ts'
import type { ObjectStore } from '../kernel/object-store.ts'
import { openS3 } from '../objects/s3.ts'
import { subjectOf as knownSubject, personRecord } from '../roles/person-record.repository.ts'
import { archivingParts } from './archiving-parts.ts'
import type { Ground } from './ground.ts'
import type { TrailParts } from './trail-parts.ts'

/** What makes files of the trail, and where they go. */
export interface FileParts {
  readonly exporter: Exporter
  readonly objects: ObjectStore | undefined
  readonly sharedObjects: SharedObjects
  readonly archiving: Archiving
  readonly dataRequests: DataRequests
  /** `undefined`: entries are not archived before they go. */
  readonly archive: Archive | undefined
  maxFileBytes(source: Source): number
}

export function fileParts(ground: Ground, { key, eventTypes, writer }: TrailParts): FileParts {
  const { config, database, clock } = ground
  const objects = config.s3 && openS3(config.s3)
  const exporter = new Exporter(() => database.openSnapshot(), key, clock)
  const archiving = new Archiving(archivingParts({ ...ground, exporter, objects, key, writer }))
  return {
    exporter,
    objects,
    sharedObjects: new SharedObjects(database),
    archiving,
    dataRequests: dataRequestsOf(ground, eventTypes),
    archive: config.archive.isOn ? (expired: Expired, stopping) => archiving.store(expired, stopping) : undefined,
    maxFileBytes: (source) => (source === 'whatsapp' ? config.whatsapp.maxFileBytes : Number.POSITIVE_INFINITY),
  }
}

function dataRequestsOf({ database, seals, clock }: Ground, eventTypes: EventTypes): DataRequests {
  const subjectOf: PeopleKnown['subjectOf'] = (snapshot, account) => knownSubject(snapshot, account, seals)
  const recordOf: PeopleKnown['recordOf'] = async (snapshot, subject) => ({
    ...(await personRecord(snapshot, subject)),
    ...(await witnessRecord(snapshot, subject)),
    ...(await conversationRecord(snapshot, subject)),
  })
  return new DataRequests(() => database.openSnapshot(), { subjectOf, recordOf }, eventTypes, clock)
}
