/** Whoever owns nothing, on most machines. */
const NOBODY = 65_534

/** Does something as somebody who may not do everything: the superuser is let into every file. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isSuperuser = process.geteuid?.() === 0
  if (isSuperuser) process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    if (isSuperuser) process.seteuid?.(0)
  }
}
