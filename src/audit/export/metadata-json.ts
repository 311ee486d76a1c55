import { objectIn } from '../../kernel/json.ts'

/**
 * The metadata of an entry as it stands in a line of JSON: as it is stored, which is an object on one line; as a string where
 * somebody changed it into something else, so that one such entry keeps nobody from reading the others.
 */
export const metadataJson = (text: string): string =>
  objectIn(text) === undefined || /[\r\n]/.test(text) ? JSON.stringify(String(text)) : text
