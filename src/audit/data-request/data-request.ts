import type { Clock } from '../../kernel/clock.ts'
import type { Json } from '../../kernel/json.ts'
import type { Snapshot } from '../../storage/contract.ts'
import type { Who } from '../entry/audit-filter.ts'
import { Files } from './files.ts'
import { htmlPage, type PageWords } from './html.ts'
import { jsonPage } from './json.ts'
import { OthersMask } from './mask-others.ts'
import type { Header } from './page.ts'
import { type ShownEntry, shownEntry } from './shown-entry.ts'
import { SubjectEntries } from './subject-entries.repository.ts'

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

/** Gives a person everything that the database has about them, and of others no more than that there was somebody. */
export class DataRequests {
  readonly #openSnapshot: () => Promise<Snapshot>
  readonly #people: PeopleKnown
  readonly #clock: Clock

  constructor(openSnapshot: () => Promise<Snapshot>, people: PeopleKnown, clock: Clock) {
    this.#openSnapshot = openSnapshot
    this.#people = people
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
      const entries = new SubjectEntries(snapshot, subject)
      const recordCount = await entries.count()
      if (recordCount === 0 && !saysAnything(record)) return undefined
      const mask = new OthersMask(subject.accounts)
      const header = this.#header(request, recordCount, mask.value(record) as Header['person'], mask)
      const pages = shownPages(entries, subject, mask)
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

async function* shownPages(entries: SubjectEntries, subject: Who, mask: OthersMask): AsyncGenerator<ShownEntry[]> {
  for await (const page of entries.pages()) yield page.map((entry) => shownEntry(entry, subject, mask))
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
