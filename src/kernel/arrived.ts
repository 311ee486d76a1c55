/** A message over a limit. */
export interface Excess {
  readonly limit: number
  /** Milliseconds until the window ends. */
  readonly retryAfter: number
  /** Where it is the one to answer and to write down, the first after a while: the messages it is about. */
  readonly consumed: number | undefined
}

/** What is known of a message as soon as it arrives, before anything is asked about who wrote it. */
export interface Arrived {
  /** By which its sender is known then. */
  readonly name: string
  /** By which they were counted: the person that the name was the last time, or the name. */
  readonly key: string
  /** There, it is one too many. */
  readonly excess?: Excess
  /** It ended another way: its sender is kept out anyway, it came twice, or it failed. It counts for nothing, and tells nobody of an excess. */
  discount(): void
  /** It waits as long as this goes on, also after its end. */
  until(sent: Promise<unknown>): void
  /** It was handled, or never will be. */
  end(): void
}

/** One too many, of which its sender was told before. */
export const isSilent = ({ excess }: Arrived): boolean => excess !== undefined && excess.consumed === undefined
