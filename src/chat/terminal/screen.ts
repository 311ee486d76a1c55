import type { Place } from './place.ts'

/** Where lines come from and text goes to: a prompt for a person, or a pipe. */
export interface Screen {
  /** The lines typed, in order; it ends with the input. A line of more than `MAX_LINE` characters may be cut behind that. */
  readonly lines: AsyncIterable<string>
  /** Tells a person that the next line is awaited, and whom it will come from. */
  ask(place: Place): void
  /** Rejects when the output is closed. */
  print(text: string): Promise<void>
  /** Ends the lines and gives the terminal back. Closing twice is fine. */
  close(): Promise<void>
}

/** What WhatsApp allows in a message. */
export const MAX_LINE = 65_536
