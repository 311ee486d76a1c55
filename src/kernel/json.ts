/** A value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Text as it stands within a string of JSON. */
export const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)
