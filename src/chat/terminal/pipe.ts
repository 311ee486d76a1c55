import type { Readable, Writable } from 'node:stream'
import { write } from './output.ts'
import { MAX_LINE, type Screen } from './screen.ts'

/** Lines from a file or another program: answers and nothing else on the output. */
export function openPipe(input: Readable, output: Writable): Screen {
  return {
    lines: readLines(input),
    ask() {},
    print: (text) => write(output, `${text}\n`),
    async close() {
      input.destroy()
    },
  }
}

/** Keeps one line in memory and no more of it than is needed to see that it is too long. */
async function* readLines(input: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let line = ''
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const [end = '', ...next] = text.split('\n')
    line = joined(line, end)
    for (const start of next) {
      yield line
      line = joined('', start)
    }
  }
  yield line + decoder.decode()
}

const joined = (line: string, more: string): string => (line + more).slice(0, MAX_LINE + 1)
