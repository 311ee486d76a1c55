import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ChatwardenError } from '../kernel/errors.ts'
import { secretFile } from '../kernel/secret-file.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Keeps texts unreadable in the database: AES-256-GCM (NIST SP 800-38D), each text bound to its name. */
export class SecretBox {
  readonly #key: Buffer

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    this.#key = key
  }

  /** @returns base64 of nonce (12 bytes), tag (16) and ciphertext. */
  seal(name: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** @throws {ChatwardenError} `CONFIG_INVALID` if it was sealed with another key, or altered. */
  open(name: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64')
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES)).setAAD(
        Buffer.from(name),
      )
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      return Buffer.concat([text, decipher.final()]).toString('utf8')
    } catch {
      throw new ChatwardenError(
        'CONFIG_INVALID',
        `The secret setting ${name} cannot be read with this SETTINGS_KEY. Use the key it was set with (without SETTINGS_KEY it is in the file settings.key of DATA_DIR), or remove the row from the table settings and set it again.`,
      )
    }
  }
}

/** The key in `directory`, made at the first use; readable for its owner alone. Every process there gets the same one. */
export function keyIn(directory: string): Buffer {
  const path = join(directory, 'settings.key')
  const text = read(path)
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  throw new ChatwardenError('CONFIG_INVALID', `${path} does not hold a key of 64 hexadecimal digits.`)
}

function read(path: string): string {
  try {
    return secretFile(path, () => randomBytes(32).toString('hex'))
  } catch (cause) {
    throw new ChatwardenError('CONFIG_INVALID', `The key of secret settings, ${path}: ${(cause as Error).message}`, {
      cause,
    })
  }
}
