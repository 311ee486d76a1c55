import type { Clock } from '../../kernel/clock.ts'
import type { Json } from '../../kernel/json.ts'
import type { Snapshot } from '../../storage/contract.ts'
import type { Who } from '../entry/audit-filter.ts'
import type { EventTypes } from '../entry/event-types.ts'
import { Files } from './files.ts'
import { htmlPage, type PageWords } from './html.ts'
import { jsonPage } from './json.ts'
import type { OthersMask } from './mask-others.ts'
import type { Header } from './page.ts'
import { SubjectEntries } from './subject-entries.repository.ts'
import { type ShownEntry, SubjectView } from './subject-view.ts'

/** What is known of people besides the trail. */
export interface PeopleKnown {
  /** Their user's id and all of their accounts, by one of them. */
  subjectOf(snapshot: Snapshot, account: string): Promise<Who>
  /** What the database has of them besides entries, by names for who reads it. */
  recordOf(snapshot: Snapshot, subject: Who): Promise<Record<string, Json>>
}

export interface DataRequest {
  /** One of the person's. */
  readonly account: string
  /** Who asked for it: the person may have another's request in hand. */
  readonly by: { readonly role: string; readonly account: string }
  readonly timeZone: string
  /** Shows a moment in that time zone. */
  time(moment: Date): string
  readonly notes: readonly string[]
  readonly words: PageWords
  /** Where the file of that extension is to be. Called only where there is something to write. */
  file(extension: string): Promise<string>
}

export interface AnsweredRequest {
  /** A JSON and an HTML file of the same content. */
  readonly paths: readonly string[]
  readonly recordCount: number
}

/** Gives a person what the database has about them, of others no more than that there was somebody, and nothing of inquiries. */
export class DataRequests {
  readonly #openSnapshot: () => Promise<Snapshot>
  readonly #people: PeopleKnown
  readonly #types: EventTypes
  readonly #clock: Clock

  constructor(openSnapshot: () => Promise<Snapshot>, people: PeopleKnown, types: EventTypes, clock: Clock) {
    this.#openSnapshot = openSnapshot
    this.#people = people
    this.#types = types
    this.#clock = clock
  }

  /** @returns `undefined` where nothing is known about the account; no file is asked for then. */
  async answer(
    request: DataRequest,
    onProgress: (done: number, total: number) => void,
  ): Promise<AnsweredRequest | undefined> {
    const snapshot = await this.#openSnapshot()
    try {
      const subject = await this.#people.subjectOf(snapshot, request.account)
      const record = await this.#people.recordOf(snapshot, subject)
      const view = new SubjectView(subject, this.#types)
      const entries = new SubjectEntries(snapshot, subject, view.actions)
      const recordCount = await entries.count()
      if (recordCount === 0 && !saysAnything(record)) return undefined
      const header = this.#header(request, recordCount, view.mask.value(record) as Header['person'], view.mask)
      const pages = shownPages(entries, view)
      return { paths: await write(request, header, pages, onProgress), recordCount }
    } finally {
      await snapshot.close()
    }
  }

  #header(request: DataRequest, entryCount: number, person: Header['person'], mask: OthersMask): Header {
    const { account, by, timeZone, notes } = request
    const madeFor = { role: by.role, account: mask.account(by.account) }
    return {
      subject: account,
      madeAt: new Date(this.#clock.now()),
      madeFor,
      timeZone,
      entryCount,
      person,
      notes,
    }
  }
}

/** Whether there is more in it than that there is nothing. */
function saysAnything(value: Json): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(saysAnything)
  return value !== null && value !== false && value !== 0
}

async function* shownPages(entries: SubjectEntries, view: SubjectView): AsyncGenerator<ShownEntry[]> {
  for await (const page of entries.pages()) yield page.map((entry) => view.show(entry))
}

async function write(
  request: DataRequest,
  header: Header,
  pages: AsyncIterable<readonly ShownEntry[]>,
  onProgress: (done: number, total: number) => void,
): Promise<string[]> {
  const files = await Files.open([jsonPage, htmlPage(request.words, request.time)], request.file)
  try {
    await files.write((page) => page.head(header))
    let done = 0
    for await (const entries of pages) {
      await files.write((page) => page.entries(entries, done === 0))
      done += entries.length
      onProgress(done, header.entryCount)
    }
    await files.write((page) => page.tail())
    return files.paths
  } finally {
    await files.close()
  }
}
