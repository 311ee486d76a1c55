import { type Completer, createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { HISTORY_SIZE, openHistory } from './history.ts'
import { write } from './output.ts'
import { promptAt } from './place.ts'
import type { Screen } from './screen.ts'

interface PromptOptions {
  readonly input: Readable
  readonly output: Writable
  readonly completer: Completer
  readonly historyFile: string | undefined
  /** Ctrl-C on an empty line. */
  onInterrupt(): void
}

/** A prompt for a person, with history, completion, and messages that arrive while a line is being typed. */
export async function openPrompt(options: PromptOptions): Promise<Screen> {
  const { input, output, completer, historyFile, onInterrupt } = options
  const history = await openHistory(historyFile)
  const line = createInterface({
    input,
    output,
    completer,
    terminal: true,
    history: history.lines,
    historySize: HISTORY_SIZE,
    removeHistoryDuplicates: true,
    prompt: '',
  })
  let asking = false
  let open = true
  line.on('history', history.save)
  line.on('line', () => {
    asking = false
    line.setPrompt('')
  })
  line.on('SIGINT', () => {
    if (line.line === '') return onInterrupt()
    line.write(null, { ctrl: true, name: 'e' })
    line.write(null, { ctrl: true, name: 'u' })
  })
  line.on('close', () => {
    open = false
    if (asking) output.write('\n')
  })
  return {
    lines: line[Symbol.asyncIterator](),
    ask(place) {
      if (!open) return
      asking = true
      line.setPrompt(promptAt(place))
      line.prompt(true)
    },
    async print(text) {
      if (!open) return write(output, `${text}\n`)
      // What is being typed makes room and is drawn again below, where Readline must not look for the rows it took above.
      const printed = write(output, `${up(line.getCursorPos().rows)}\r\x1b[J${text}\n`)
      Object.assign(line, { prevRows: 0 })
      line.prompt(true)
      await printed
    },
    async close() {
      line.close()
      await history.saved()
    },
  }
}

const up = (rows: number): string => (rows === 0 ? '' : `\x1b[${rows}A`)
