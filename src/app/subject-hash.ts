import { createHmac, hkdfSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { keyOf } from './setting-parts.ts'

/** A keyed hash that stands for a person who was erased: only who has the key of the settings finds out whom. */
export function subjectHash(config: Config): (text: string) => string {
  // Derived when first needed: most installations never erase anybody, and need no key for it.
  let key: Buffer | undefined
  return (text) => {
    key ??= Buffer.from(hkdfSync('sha256', keyOf(config), '', 'chatwarden erased subject', 32))
    return createHmac('sha256', key).update(text).digest('hex')
  }
}

/**
 * The same for finding out who was erased before: a key that was lost must not be made anew for it, as nobody would be
 * known by that. The hash throws `CONFIG_INVALID` where the key is missing.
 */
export function knownSubjectHash(config: Config): (text: string) => string {
  const hashOf = subjectHash(config)
  const path = join(config.dataDir, 'settings.key')
  return (text) => {
    if (config.settingsKey === undefined && !existsSync(path))
      throw new ChatwardenError(
        'CONFIG_INVALID',
        `Without SETTINGS_KEY or ${path} nobody can tell who was erased here.`,
      )
    return hashOf(text)
  }
}
