import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { Problem } from '../../kernel/problem.ts'
import { fromBase64 } from './base64.ts'

/** Ed25519 signatures by the log itself (C2SP signed-note, "Signature types"). */
const ED25519 = 1
const KEY_BYTES = 32
const KEY_ID_BYTES = 4

/** What stands before the 32 bytes of a key in DER (RFC 8410, sections 4 and 7). */
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex')
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex')

/** What a key may be called (C2SP signed-note, "Format"). */
const NAME = /^[^\p{White_Space}+]+$/u
const SIGNATURE_LINE = /^— ([^\p{White_Space}+]+) (\S+)$/u
/** More signatures are refused before any is looked at (C2SP signed-note, "Format"; Go's sumdb/note has the same limit). */
const MOST_SIGNATURES = 100
/** Control characters other than newline, carriage returns among them. */
const CONTROL = /[^\n -\u{10FFFF}]/u

/** A note that is none, or that nobody signed who is trusted. */
export class NoteError extends Problem {
  override readonly name = 'NoteError'
}

export const isKeyName = (name: string): boolean => NAME.test(name) && name.isWellFormed()

/** Somebody whose signatures can be checked. */
export class Verifier {
  readonly name: string
  /** 8 lower hex digits: the first 4 bytes of SHA-256 over name, newline, 0x01 and public key. */
  readonly keyId: string
  readonly #publicKey: KeyObject
  readonly #bytes: Buffer

  /** @throws {NoteError} for a name that no note could carry. */
  constructor(name: string, publicKey: Buffer) {
    if (!isKeyName(name))
      throw new NoteError(`A key cannot be called ${JSON.stringify(name)}: no spaces, no plus sign.`)
    this.name = name
    this.#bytes = publicKey
    this.keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey]), 'hex').slice(
      0,
      2 * KEY_ID_BYTES,
    )
    this.#publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: 'der', type: 'spki' })
  }

  /**
   * Reads a verifier key, `name+keyid+base64(0x01 ‖ public key)` (C2SP signed-note, "Verifier keys").
   * @throws {NoteError}
   */
  static parse(text: string): Verifier {
    const match = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim())
    const [, name = '', keyId, encoded = ''] = match ?? []
    const bytes = fromBase64(encoded, 1 + KEY_BYTES)
    if (bytes === undefined || bytes[0] !== ED25519)
      throw new NoteError('This is no public key of the form name+keyid+base64.')
    const verifier = new Verifier(name, bytes.subarray(1))
    if (verifier.keyId !== keyId) throw new NoteError('The public key does not have the id that stands in it.')
    return verifier
  }

  verify(text: string, signature: Buffer): boolean {
    return verifyBytes(null, Buffer.from(text), this.#publicKey, signature)
  }

  toString(): string {
    return `${this.name}+${this.keyId}+${Buffer.concat([Buffer.of(ED25519), this.#bytes]).toString('base64')}`
  }
}

/** Who signs for a name. */
export class Signer {
  readonly verifier: Verifier
  readonly #privateKey: KeyObject
  readonly #seed: Buffer

  private constructor(name: string, seed: Buffer) {
    this.#seed = seed
    this.#privateKey = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' })
    this.verifier = new Verifier(name, spki.subarray(PUBLIC_DER.length))
  }

  static generate(name: string): Signer {
    const { privateKey } = generateKeyPairSync('ed25519')
    const der = privateKey.export({ format: 'der', type: 'pkcs8' })
    return new Signer(name, der.subarray(PRIVATE_DER.length))
  }

  /**
   * Reads a signer key, `PRIVATE+KEY+name+keyid+base64(0x01 ‖ seed)`, the form that Go's sumdb/note writes.
   * @throws {NoteError}
   */
  static parse(text: string): Signer {
    const match = /^PRIVATE\+KEY\+([^\p{White_Space}+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim())
    const [, name = '', keyId, encoded = ''] = match ?? []
    const bytes = fromBase64(encoded, 1 + KEY_BYTES)
    if (bytes === undefined || bytes[0] !== ED25519)
      throw new NoteError('This is no private key of the form PRIVATE+KEY+name+keyid+base64.')
    const signer = new Signer(name, bytes.subarray(1))
    if (signer.verifier.keyId !== keyId) throw new NoteError('The private key does not have the id that stands in it.')
    return signer
  }

  /** A signed note of a text that ends in a newline (C2SP signed-note, "Format"). @throws {NoteError} for another text. */
  sign(text: string): string {
    if (!text.endsWith('\n') || CONTROL.test(text) || !text.isWellFormed())
      throw new NoteError('This text cannot be signed as a note.')
    const { name, keyId } = this.verifier
    const signature = signBytes(null, Buffer.from(text), this.#privateKey)
    return `${text}\n— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`
  }

  /** The signature of a text of one line. @throws {NoteError} for one that ends in a newline, which could be a note. */
  signRow(text: string): Buffer {
    if (text.endsWith('\n')) throw new NoteError('This text can be signed as a note alone.')
    return signBytes(null, Buffer.from(text), this.#privateKey)
  }

  /** The private key as text: keep it secret. */
  export(): string {
    const { name, keyId } = this.verifier
    return `PRIVATE+KEY+${name}+${keyId}+${Buffer.concat([Buffer.of(ED25519), this.#seed]).toString('base64')}`
  }
}

interface Signature {
  readonly name: string
  /** 8 lower hex digits. */
  readonly keyId: string
  readonly signature: Buffer
}

/** A note and who claims to have signed it, unchecked. @throws {NoteError} for what is no note. */
export function readNote(note: string): { readonly text: string; readonly signatures: readonly Signature[] } {
  const end = note.lastIndexOf('\n\n')
  const lines = end < 0 ? [] : note.slice(end + 2).split('\n')
  if (lines.length < 2 || lines.pop() !== '' || CONTROL.test(note) || !note.isWellFormed())
    throw new NoteError('This is no signed note.')
  if (lines.length > MOST_SIGNATURES) throw new NoteError('The note has too many signatures.')
  const signatures = lines.map((line): Signature => {
    const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? []
    const bytes = fromBase64(encoded)
    if (name === '' || bytes === undefined || bytes.length <= KEY_ID_BYTES)
      throw new NoteError('A signature of the note cannot be read.')
    return { name, keyId: bytes.toString('hex', 0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) }
  })
  return { text: note.slice(0, end + 1), signatures }
}

/**
 * The text of a note that at least one of these signed. Signatures of others count for nothing, and a wrong one of a
 * trusted key spoils the note.
 * @throws {NoteError}
 */
export function openNote(
  note: string,
  trusted: readonly Verifier[],
): { readonly text: string; readonly by: readonly Verifier[] } {
  const { text, signatures } = readNote(note)
  const by: Verifier[] = []
  for (const { name, keyId, signature } of signatures) {
    const verifier = trusted.find((verifier) => verifier.name === name && verifier.keyId === keyId)
    if (verifier === undefined) continue
    if (!verifier.verify(text, signature)) throw new NoteError(`The signature of ${name} (${keyId}) is wrong.`)
    if (!by.includes(verifier)) by.push(verifier)
  }
  if (by.length === 0) {
    const signers = signatures.map(({ name, keyId }) => `${name} (${keyId})`).join(', ')
    throw new NoteError(`The note is signed by ${signers}, and by none of the trusted keys.`)
  }
  return { text, by }
}
