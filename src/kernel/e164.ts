/** A phone number as E.164 text: a plus sign and 7 to 15 ASCII digits. Whoever reads one makes it canonical. */
export type Phone = `+${string}`

export const isPhone = (text: string): text is Phone => /^\+[0-9]{7,15}$/.test(text)

/** As `isPhone`, of what comes from outside: no country's code begins with 0. */
export const isPossiblePhone = (text: string): text is Phone => /^\+[1-9][0-9]{6,14}$/.test(text)
