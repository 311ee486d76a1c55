/** An action as people read it: whatever letters, marks and signs it is written with, and however often it was imported before. */
export const actionAsRead = (action: string): string =>
  action
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^(?:IMPORTED_)+/, '')
