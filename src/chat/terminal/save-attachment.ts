import { chmod, constants, copyFile, mkdir } from 'node:fs/promises'
import { join, parse } from 'node:path'
import type { Attachment } from '../../kernel/message.ts'
import { plainLine } from '../../kernel/plain-text.ts'

/**
 * Copies a file to where the person who asked can read it, and nobody else. What is there already stays:
 * the second `log.json` becomes `log-2.json`.
 * @returns the path of the copy.
 */
export async function saveAttachment(attachment: Attachment, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const { name, ext } = parse(safeName(attachment.name))
  for (let number = 1; ; number++) {
    const path = join(directory, number === 1 ? `${name}${ext}` : `${name}-${number}${ext}`)
    if (await copyNew(attachment.path, path)) return path
  }
}

async function copyNew(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  await chmod(to, 0o600)
  return true
}

/** A name that stays in its directory, shows in a listing, and is allowed on every system. */
function safeName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? ''
  return (
    plainLine(base, 120)
      .replace(/[:*?"<>|]/g, '_')
      .replace(/^\.+/, '') || 'file'
  )
}
