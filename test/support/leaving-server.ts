import type { Socket } from 'node:net'
import { expect } from 'vitest'
import { wayTo } from './way.ts'

/** A way to a server that is away for good after so many questions. @returns the address with which it begins. */
export async function wayToLeavingServer(to: string, questions: number): Promise<string> {
  let left = questions
  const clients = new Set<Socket>()
  return wayTo(to, (client, server) => {
    clients.add(client)
    client.on('data', (bytes) => {
      if (left-- > 0) server.write(bytes)
      else for (const each of clients) each.destroy()
    })
    server.on('data', (bytes) => client.write(bytes))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
    if (left <= 0) client.destroy()
  })
}

/** What became of a start with more and more questions, `step` more each time, from none on, until they are enough. */
export async function codesOfStarts(start: (questions: number) => Promise<void>, step = 1): Promise<string[]> {
  const codes: string[] = []
  for (let questions = 0; ; questions += step)
    try {
      await start(questions)
      return codes
    } catch (error) {
      codes.push((error as { code?: string }).code ?? String(error))
    }
}

/** Those by which whoever starts is told that it passes. */
export const PASSES = expect.stringMatching(/^(?:CANNOT_START|AUDIT_UNAVAILABLE|OUTCOME_UNKNOWN)$/)
