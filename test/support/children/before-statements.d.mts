/** @returns how to undo it. */
export function beforeStatements(act: (sql: string) => void): () => void
