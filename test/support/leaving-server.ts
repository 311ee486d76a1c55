import type { Socket } from 'node:net'
import { expect } from 'vitest'
import { openWay } from './way.ts'

/** All moments, or in a short round some of them. */
const STEP = process.env.SOAK_ROUNDS === undefined ? 1 : 5

/** A way to a server that is away for good after so many questions. @returns the address with which it begins. */
export async function wayToLeavingServer(to: string, questions: number): Promise<string> {
  let left = questions
  const clients = new Set<Socket>()
  const port = await openWay(Number(new URL(to).port), (client, server) => {
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
  const url = new URL(to)
  url.host = `127.0.0.1:${port}`
  return url.href
}

/** What became of a start with more and more questions, from none on, until they are enough. */
export async function codesOfStarts(start: (questions: number) => Promise<void>): Promise<string[]> {
  const codes: string[] = []
  for (let questions = 0; ; questions += STEP)
    try {
      await start(questions)
      return codes
    } catch (error) {
      codes.push((error as { code?: string }).code ?? String(error))
    }
}

/** Those by which whoever starts is told that it passes. */
export const PASSES = expect.stringMatching(/^(?:CANNOT_START|AUDIT_UNAVAILABLE|OUTCOME_UNKNOWN)$/)
