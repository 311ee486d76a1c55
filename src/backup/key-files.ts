import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere } from '../kernel/secret-file.ts'

/** The keys that a trail needs to go on, as text; `undefined` where there is none. */
export interface KeyTexts {
  /** The private key that signs the trail. */
  readonly signing: string | undefined
  /** The key of secret settings, by which the erased are known too: 64 hexadecimal digits. */
  readonly settings: string | undefined
}

const NAMES = { signing: 'signing-key', settings: 'settings.key' } as const

/** The keys in a directory beside a backup. */
export const readKeys = (directory: string): KeyTexts => ({
  signing: readIfThere(join(directory, NAMES.signing)),
  settings: readIfThere(join(directory, NAMES.settings)),
})

/** Writes the keys there are into a new directory that only its owner can read. */
export async function writeKeys(directory: string, keys: KeyTexts): Promise<void> {
  await mkdir(directory, { mode: 0o700 })
  for (const name of ['signing', 'settings'] as const)
    if (keys[name] !== undefined)
      await writeFile(join(directory, NAMES[name]), `${keys[name]}\n`, { flag: 'wx', mode: 0o600, flush: true })
}
