import { z } from 'zod'
import { ChatwardenError } from '../kernel/errors.ts'
import { readJson } from '../kernel/json.ts'
import type { Moderate, Moderated } from './moderation.ts'
import { kindOf, ModerationError } from './moderation-error.ts'
import { readText } from './read-text.ts'
import { LONGEST_TIME, wholeNumber } from './whole-number.ts'

export interface OpenAiModerationOptions {
  /** The whole address, http or https and without a user name, e.g. `https://api.openai.com/v1/moderations`. */
  readonly url: string
  /** Sent as a bearer token; none where it is left out or empty. */
  readonly key?: string
  /** E.g. `omni-moderation-latest`; the service chooses where it is left out. */
  readonly model?: string
  /** Milliseconds until the whole answer has to be there; 5,000 where it is left out. */
  readonly timeout?: number
}

/**
 * Asks a service that speaks OpenAI's moderation API (https://platform.openai.com/docs/api-reference/moderations). It
 * rejects with a `ModerationError` that names the status and what is wrong, and holds neither the text, nor the
 * answer, nor the address, nor the key. Redirects are not followed, as the key would travel with them.
 * @throws {ChatwardenError} `INVALID_ARGUMENT` if the address, the key or the time cannot be used.
 */
export function openAiModeration({ url, key = '', model, timeout = 5000 }: OpenAiModerationOptions): Moderate {
  checkAddress(url)
  checkKey(key)
  wholeNumber('The time for an answer, in milliseconds,', timeout, 1, LONGEST_TIME)
  const authorization = key === '' ? undefined : { authorization: `Bearer ${key}` }
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...authorization }
  return async (input) => {
    const signal = AbortSignal.timeout(timeout)
    try {
      const body = JSON.stringify({ input, model })
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
      return read(await textOf(response, signal))
    } catch (error) {
      if (error instanceof ModerationError) throw error
      throw failure(signal.aborted ? `did not answer within ${timeout} ms` : `could not be asked: ${wrongWith(error)}`)
    }
  }
}

const MAX_BYTES = 2 ** 20

/** Some of OpenAI's categories are null for models that do not know them. */
const answerSchema = z.object({
  results: z.array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()) })).min(1),
})

/** What a service answers that is up and does not take what it was sent: one that is too long, say. */
const ABOUT_TEXT = [400, 413, 422]

/** Of what is asked; 429 is of how often. */
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && status !== 429

const failure = (what: string, isAboutText = false, isRefusal = isAboutText) =>
  new ModerationError(`The moderation service ${what}.`, isAboutText, isRefusal)

async function textOf(response: Response, signal: AbortSignal): Promise<string> {
  if (!response.ok) {
    await response.body?.cancel()
    throw failure(
      `answered with status ${response.status}`,
      ABOUT_TEXT.includes(response.status),
      isRefusal(response.status),
    )
  }
  const text = await readText(response, MAX_BYTES, signal)
  if (text === undefined) throw failure(`answered with status ${response.status} and more than ${MAX_BYTES} bytes`)
  return text
}

function read(text: string): Moderated {
  const { success, data } = answerSchema.safeParse(parseJson(text))
  if (!success) throw failure('answered with something that is not a verdict')
  const found = data.results.flatMap(({ categories }) => Object.keys(categories).filter((name) => categories[name]))
  return { flagged: data.results.some(({ flagged }) => flagged), categories: [...new Set(found)] }
}

function parseJson(text: string): unknown {
  const read = readJson(text)
  if (read.problem !== undefined) throw failure('answered with something that is not JSON')
  return read.value
}

/** The errors of `fetch` may quote the address and the headers. */
function wrongWith(error: unknown): string {
  const isRedirect =
    error instanceof Error && error.cause instanceof Error && error.cause.message === 'unexpected redirect'
  return isRedirect ? 'it redirects' : kindOf(error)
}

function checkAddress(url: string): void {
  const { protocol, username, password } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  if (/^https?:$/.test(protocol) && !username && !password) return
  throw new ChatwardenError(
    'INVALID_ARGUMENT',
    'The address of the moderation service must be an http or https URL without a user name or password.',
  )
}

function checkKey(key: string): void {
  if (/^[!-~]*$/.test(key)) return
  throw new ChatwardenError('INVALID_ARGUMENT', 'The key of the moderation service has characters that no key has.')
}
