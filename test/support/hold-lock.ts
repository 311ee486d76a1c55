import { child, type Running, startNode } from './child.ts'
import { urlOf } from './database.ts'

/** Another process takes the write lock of a database and keeps it for that long. Resolves once it has it. */
export async function holdLock(path: string, milliseconds: number): Promise<Running> {
  const running = startNode([child('hold-lock.mjs'), urlOf(path), String(milliseconds)])
  await running.line()
  return running
}
