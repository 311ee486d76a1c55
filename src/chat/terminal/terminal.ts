import type { Readable, Writable } from 'node:stream'
import type { Account } from '../../kernel/account.ts'
import type { IncomingMessage } from '../../kernel/message.ts'
import type { ChatAdapter, Content, Destination } from '../adapter.ts'
import { createCompleter } from './completion.ts'
import { compose } from './compose.ts'
import { handleLine } from './handle-line.ts'
import { drawerFor, isTty } from './output.ts'
import { openPipe } from './pipe.ts'
import type { Place } from './place.ts'
import { openPrompt } from './prompt.ts'
import type { Screen } from './screen.ts'
import { welcome } from './welcome.ts'

export interface TerminalOptions {
  /** Default: stdin. */
  readonly input?: Readable
  /** Default: stdout. */
  readonly output?: Writable
  /** Whom the operator acts as at the start. */
  readonly actAs: Account
  /** The operating system's user and host, as `user@host`. */
  readonly operator: string
  /** Where attachments are saved. Default: `./exports`. */
  readonly exportDirectory?: string
  /** Keeps the lines typed for the next session. Without it they are forgotten. */
  readonly historyFile?: string
  /** What Tab completes after the prefix, e.g. `audit list`. */
  readonly commandNames: readonly string[]
  readonly prefix: string
  readonly version?: string
}

/**
 * A chat with the bot for a person in a terminal, or for a script through pipes. `ended` resolves when the input has
 * ended and every line of it has been handled, or after `/quit` or `stop()`.
 */
export function createTerminal(options: TerminalOptions): ChatAdapter {
  return new Terminal(options)
}

type OnMessage = (message: IncomingMessage) => Promise<void>

class Terminal implements ChatAdapter {
  readonly source = 'terminal'
  readonly ended: Promise<void>
  readonly #options: TerminalOptions
  readonly #input: Readable
  readonly #output: Writable
  readonly #isInteractive: boolean
  readonly #draw: (text: string) => string
  #place: Place
  #screen: Screen | undefined
  #running: Promise<void> | undefined
  #isLeaving = false
  #sent = 0
  #end = () => {}

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#input = options.input ?? process.stdin
    this.#output = options.output ?? process.stdout
    this.#isInteractive = isTty(this.#input) && isTty(this.#output)
    this.#draw = drawerFor(this.#output, this.#isInteractive)
    this.#place = { account: options.actAs }
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  async start(onMessage: OnMessage): Promise<void> {
    // With nobody left to read the answers (`| head`), the conversation is over.
    this.#output.on('error', () => void this.#leave())
    this.#screen = this.#isInteractive ? await this.#openPrompt() : openPipe(this.#input, this.#output)
    this.#running = this.#converse(this.#screen, onMessage)
  }

  readonly send = async (to: Destination, content: Content): Promise<void> => {
    if (this.#screen === undefined) throw new Error('The terminal has not been started')
    const { account, group } = this.#place
    const privateChatId = group === undefined ? account : undefined
    const exportDirectory = this.#options.exportDirectory ?? './exports'
    await this.#screen.print(await compose(to, content, { exportDirectory, privateChatId, draw: this.#draw }))
    this.#sent++
  }

  async stop(): Promise<void> {
    await this.#leave()
    await this.#running
  }

  #openPrompt(): Promise<Screen> {
    const { prefix, commandNames, historyFile } = this.#options
    const completer = createCompleter(prefix, commandNames)
    const onInterrupt = () => void this.#leave()
    return openPrompt({ input: this.#input, output: this.#output, completer, historyFile, onInterrupt })
  }

  async #leave(): Promise<void> {
    this.#isLeaving = true
    await this.#screen?.close()
  }

  async #converse(screen: Screen, onMessage: OnMessage): Promise<void> {
    const { actAs, prefix, version } = this.#options
    try {
      if (this.#isInteractive) await screen.print(welcome(actAs, prefix, version))
      screen.ask(this.#place)
      for await (const line of screen.lines) {
        if (!this.#isLeaving) await this.#answer(line, screen, onMessage)
        if (this.#isLeaving) break
        screen.ask(this.#place)
      }
    } catch {
      // An input that breaks off has ended, and so has a conversation whose output is closed.
    }
    await screen.close()
    this.#end()
  }

  async #answer(line: string, screen: Screen, onMessage: OnMessage): Promise<void> {
    const { operator, prefix } = this.#options
    const context = { place: this.#place, operator, prefix, sent: () => this.#sent, onMessage }
    const { place, say, quit } = await handleLine(line, context)
    if (place !== undefined) this.#place = place
    if (say !== undefined) await screen.print(say)
    if (quit) await this.#leave()
  }
}
