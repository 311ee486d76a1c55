/** An error whose message is for whoever asked, as it stands: what others gave or did, and no fault of ours. */
export class Problem extends Error {
  override readonly name: string = 'Problem'
}

/** Whether the operating system said no: its own words say what and where. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string'
