import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { ChatwardenError } from '../../kernel/errors.ts'
import { readIfThere, secretFile } from '../../kernel/secret-file.ts'
import { signingKeyPath, type TrailPlace } from '../../storage/beside-database.ts'
import { NoteError, Signer } from '../tree/note.ts'

/** What the configuration says of the key that signs the trail. */
export interface SigningKeyConfig extends TrailPlace {
  /** The private key; `undefined`: the one in a file beside the database. */
  readonly signingKey: string | undefined
  /** The name of the trail, which its key has too; `undefined`: a name made with the key. */
  readonly origin: string | undefined
}

/**
 * The key that signs the trail: the configured one, or one in a file that is made at the first use (mode 0600). It lies beside
 * its place until it has signed something, so that where there is one in its place there was a trail.
 */
export class SigningKey {
  readonly #config: SigningKeyConfig
  #signer: Signer | undefined
  /** Whether it is a first key that has no place yet. */
  #isFirst = false
  /** Which file it was read from. */
  #file: string | undefined

  constructor(config: SigningKeyConfig) {
    this.#config = config
  }

  /** Where the key lies if none is configured. */
  get path(): string {
    return signingKeyPath(this.#config)
  }

  get isConfigured(): boolean {
    return this.#config.signingKey !== undefined
  }

  /** Whether a file with it lies in its place. A first key gets there when it has signed, so there is a trail, or was. */
  get isInPlace(): boolean {
    return !this.isConfigured && existsSync(this.path)
  }

  /** None is configured, and none was made yet or it is gone. */
  get isMissing(): boolean {
    return !this.isConfigured && !this.isInPlace && !existsSync(this.#nextPath)
  }

  /** @throws {ChatwardenError} `CONFIG_INVALID` naming what is wrong with it. */
  current(): Signer {
    this.#signer ??= this.#read()
    return this.#signer
  }

  /** The key as it is now, read again only where another process has put a new one in its place. */
  latest(): Signer {
    return this.isConfigured || this.#file === fileAt(this.path) ? this.current() : this.refresh()
  }

  /** The key as it is now: another process may have put a new one in its place. */
  refresh(): Signer {
    // Where the file is gone, the key that was read goes on: a new one has signed nothing.
    if (this.isConfigured || this.isInPlace) this.#signer = undefined
    return this.current()
  }

  /** Keeps a key that is about to take over, so that a crash in between loses none. */
  prepare(next: Signer): void {
    rmSync(this.#nextPath, { force: true })
    secretFile(this.#nextPath, () => next.export())
  }

  /** The key that was prepared signs now. Another process may have put it in its place already. */
  takeUp(next: Signer): void {
    try {
      renameSync(this.#nextPath, this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || readIfThere(this.path) !== next.export()) throw error
    }
    this.#signer = next
  }

  /** Something was committed that it has signed: a first key gets its place, unless another process has given it that. */
  settle(): void {
    if (!this.#isFirst) return
    const own = this.current().export()
    try {
      // Never in place of another, nor what lies beside it, which may be the next one by now.
      secretFile(this.path, () => own)
      this.#isFirst = false
      if (readIfThere(this.#nextPath) === own) rmSync(this.#nextPath, { force: true })
    } catch {
      // It is where it can be found, and the next commit tries again.
    }
  }

  /** The key that was prepared, if a crash kept it from being taken up. */
  prepared(): Signer | undefined {
    const text = this.isConfigured ? undefined : readIfThere(this.#nextPath)
    return text === undefined ? undefined : parse(text, this.#nextPath)
  }

  get #nextPath(): string {
    return `${this.path}.next`
  }

  #read(): Signer {
    const { signingKey } = this.#config
    this.#file = fileAt(this.path)
    const signer = signingKey === undefined ? this.#readFile() : parse(signingKey, 'AUDIT_SIGNING_KEY')
    const { name } = signer.verifier
    const { origin } = this.#config
    if (origin !== undefined && origin !== name)
      throw new ChatwardenError(
        'CONFIG_INVALID',
        `AUDIT_ORIGIN=${JSON.stringify(origin)} is not the name in the key that signs the trail, ${JSON.stringify(name)}: a trail keeps its name. Example: AUDIT_ORIGIN=${name}`,
      )
    return signer
  }

  #readFile(): Signer {
    this.#isFirst = !existsSync(this.path)
    const path = this.#isFirst ? this.#nextPath : this.path
    const origin = this.#config.origin ?? `chatwarden.local/${randomBytes(8).toString('hex')}`
    try {
      return parse(
        secretFile(path, () => Signer.generate(origin).export()),
        path,
      )
    } catch (cause) {
      if (cause instanceof ChatwardenError) throw cause
      throw new ChatwardenError('CONFIG_INVALID', `The key of the trail, ${path}: ${(cause as Error).message}`, {
        cause,
      })
    }
  }
}

/** By which a file is told from one that takes its place; `undefined` where there is none. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.ino} ${found.mtimeMs}`
}

/** The key in a file, for one that is to be replaced. @throws {ChatwardenError} `CONFIG_INVALID` */
export function signerIn(path: string): Signer {
  const text = readIfThere(path)
  if (text === undefined) throw new ChatwardenError('CONFIG_INVALID', `There is no file ${path}.`)
  return parse(text, path)
}

/** With another key a trail would be said to be somebody else's. */
const PUT_BACK =
  'A trail keeps its key: put back the one that was kept, or see: chatwarden key rotate --lost. Only a trail that has none yet begins with: chatwarden key new'

function parse(text: string, where: string): Signer {
  try {
    return Signer.parse(text)
  } catch (cause) {
    if (!(cause instanceof NoteError)) throw cause
    throw new ChatwardenError('CONFIG_INVALID', `${where}: ${cause.message} ${PUT_BACK}`, {
      cause,
    })
  }
}
