import { createHmac, hkdfSync } from 'node:crypto'
import type { Config } from './config.ts'
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
