import { rm, writeFile } from 'node:fs/promises'
import type { Logger } from '../../kernel/log.ts'
import { shownLine } from '../../kernel/plain-text.ts'

/** A code lasts about 20 seconds. After some minutes nobody is looking any more, and a log need not fill with them. */
const DRAWN = 12

/** What a person sees who links the bot to a telephone. */
export class FirstContact {
  readonly #show: (text: string) => void
  readonly #file: string
  readonly #log: Logger
  #turn: Promise<void> = Promise.resolve()
  #drawn = 0
  #greets = true

  /** `file`: where the QR code is also put as a picture, for terminals that draw it badly. */
  constructor(show: (text: string) => void, file: string, log: Logger) {
    this.#show = show
    this.#file = file
    this.#log = log
  }

  qr(text: string): Promise<void> {
    return this.#inTurn(() => this.#qr(text))
  }

  code(text: string): void {
    this.#greets = true
    this.#show(
      `Type this code on the bot's telephone (Settings > Linked devices > Link with phone number): ${shownLine(text)}`,
    )
  }

  pairingFailed(reason: string): void {
    this.#show(`WhatsApp gave no pairing code: ${shownLine(reason)}`)
  }

  /** Says so after a pairing and at the first connection, not after each that was lost in between. */
  connected(me: string): Promise<void> {
    return this.#inTurn(() => this.#connected(me))
  }

  /** Drawing takes a while: a code must not be left in the file by an older one, nor after the connection. */
  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(action)
    this.#turn = done.catch(() => {})
    return done
  }

  async #qr(text: string): Promise<void> {
    this.#greets = true
    const { default: qrcode } = await import('qrcode')
    await this.#save(await qrcode.toBuffer(text, { scale: 8 }))
    this.#drawn++
    if (this.#drawn > DRAWN) return
    const drawing = await qrcode.toString(text, { type: 'terminal', small: true })
    this.#show(`Scan this with WhatsApp on the bot's telephone (Settings > Linked devices > Link a device):
${drawing}
It is also in ${this.#file}`)
    if (this.#drawn === DRAWN) this.#show(`Newer codes are not drawn any more, only kept up to date in that file.`)
  }

  async #connected(me: string): Promise<void> {
    this.#drawn = 0
    await rm(this.#file, { force: true })
    if (!this.#greets) return
    this.#greets = false
    const phone = /^(\d+)(?::\d+)?@c\.us$/.exec(me)?.[1]
    this.#show(`Connected as ${phone === undefined ? shownLine(me) : `+${phone}`}`)
  }

  /** Whoever can read it can link the account to a device of theirs. */
  async #save(picture: Buffer): Promise<void> {
    try {
      await rm(this.#file, { force: true })
      await writeFile(this.#file, picture, { mode: 0o600, flag: 'wx' })
    } catch (err) {
      this.#log.warn({ err, file: this.#file }, 'WhatsApp: the QR code could not be saved as a picture')
    }
  }
}
