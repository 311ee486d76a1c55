import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ModerationError } from '../../src/guards/moderation-error.ts'
import { type OpenAiModerationOptions, openAiModeration } from '../../src/guards/openai-moderation.ts'

const KEY = 'sk-key-of-the-bot'
const TEXT = 'what somebody wrote'
const BODY = 'what the service says'
/** What no error may hold, wherever one looks in it. */
const SECRETS = /sk-key|somebody wrote|service says|of-the-query/

/** A service on this machine, for the time of a test. */
async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}/v1/moderations?version=of-the-query`
}

const json = (value: unknown, status = 200) => reply(status, JSON.stringify(value))

const reply =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }

async function ask(listener: RequestListener, options: Partial<OpenAiModerationOptions> = {}) {
  return openAiModeration({ url: await serve(listener), key: KEY, ...options })(TEXT)
}

/** The message of the error that it ends with, which holds nothing it must not. */
async function errorOf(asking: Promise<unknown>): Promise<string> {
  const error = await asking.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ModerationError)
  expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(SECRETS)
  return error instanceof Error ? error.message : ''
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return JSON.parse(text)
}

describe('a verdict', () => {
  const result = (flagged: boolean, categories: Record<string, boolean | null>) => ({ flagged, categories })

  test('is that of the service, asked for as OpenAI wants it', async () => {
    const requests: unknown[] = []
    const url = await serve(async (request: IncomingMessage, response: ServerResponse) => {
      const { method, url, headers } = request
      const { authorization, 'content-type': type } = headers
      requests.push({ method, url, authorization, type, body: await bodyOf(request) })
      response.end(JSON.stringify({ id: 'modr-1', model: 'm', results: [result(false, { hate: false })] }))
    })
    expect(await openAiModeration({ url, key: KEY, model: 'omni-moderation-latest' })(TEXT)).toEqual({
      flagged: false,
      categories: [],
    })
    await openAiModeration({ url })('')
    const request = { method: 'POST', url: '/v1/moderations?version=of-the-query', type: 'application/json' }
    expect(requests).toEqual([
      { ...request, authorization: `Bearer ${KEY}`, body: { input: TEXT, model: 'omni-moderation-latest' } },
      { ...request, authorization: undefined, body: { input: '' } },
    ])
  })

  test('names the categories that are true', async () => {
    const categories = { hate: true, violence: false, 'self-harm/intent': true, illicit: null }
    expect(await ask(json({ results: [result(true, categories)] }))).toEqual({
      flagged: true,
      categories: ['hate', 'self-harm/intent'],
    })
  })

  test('is one where there are several results', async () => {
    const results = [
      result(false, { hate: false }),
      result(true, { hate: true }),
      result(true, { hate: true, sexual: true }),
    ]
    expect(await ask(json({ results }))).toEqual({ flagged: true, categories: ['hate', 'sexual'] })
  })
})

describe('a service that gives no verdict', () => {
  test.each([401, 429, 500, 503])('as it answers with status %d is told by it', async (status) => {
    expect(await errorOf(ask(json({ error: `${BODY} ${KEY} ${TEXT}` }, status)))).toBe(
      `The moderation service answered with status ${status}.`,
    )
  })

  test.each([BODY, '', '{"results": ['])('as it answers with %j is told so', async (body) => {
    expect(await errorOf(ask(reply(200, body)))).toBe(
      'The moderation service answered with something that is not JSON.',
    )
  })

  test.each([
    BODY,
    null,
    [],
    {},
    { results: [] },
    { results: BODY },
    { results: [{ flagged: BODY, categories: {} }] },
    { results: [{ flagged: true }] },
    { results: [{ flagged: true, categories: { [BODY]: 'yes' } }] },
  ])('as it answers with %j is told so', async (answer) => {
    expect(await errorOf(ask(json(answer)))).toBe(
      'The moderation service answered with something that is not a verdict.',
    )
  })

  test('as it does not begin to answer in time is told so', async () => {
    const silent: RequestListener = (request) => void request.resume()
    expect(await errorOf(ask(silent, { timeout: 100 }))).toBe('The moderation service did not answer within 100 ms.')
  })

  test('as its answer does not end in time is told so, also where garbage is collected', async () => {
    setFlagsFromString('--expose_gc')
    const collect: () => void = runInNewContext('gc')
    const collecting = setInterval(collect, 20)
    onTestFinished(() => clearInterval(collecting))
    const slow: RequestListener = (request, response) => {
      request.resume()
      response.writeHead(200).write(`{"results": "${BODY}`)
    }
    expect(await errorOf(ask(slow, { timeout: 150 }))).toBe('The moderation service did not answer within 150 ms.')
  })

  test('as its answer breaks off is told so', async () => {
    const breaking: RequestListener = (request, response) => {
      request.resume()
      response.writeHead(200).write(BODY, () => response.destroy())
    }
    expect(await errorOf(ask(breaking))).toMatch(/^The moderation service could not be asked: \w+\.$/)
  })

  test.each([
    [400, true],
    [413, true],
    [422, true],
    [401, false],
    [429, false],
    [503, false],
  ])('as it answers with status %i is about the text: %s', async (status, isAboutText) => {
    await expect(ask(json({}, status))).rejects.toMatchObject({ isAboutText })
  })

  test.each([301, 307, 308])('as it redirects with status %d gets no second request', async (status) => {
    let requests = 0
    const elsewhere = await serve((request, response) => {
      requests += 1
      reply(200, BODY)(request, response)
    })
    expect(await errorOf(ask(reply(status, BODY, { location: elsewhere })))).toBe(
      'The moderation service could not be asked: it redirects.',
    )
    expect(requests).toBe(0)
  })

  test('as nothing listens there is told so', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const moderate = openAiModeration({ url: `http://127.0.0.1:${port}/?version=of-the-query`, key: KEY })
    expect(await errorOf(moderate(TEXT))).toBe('The moderation service could not be asked: ECONNREFUSED.')
  })

  test.each([
    ['long', reply(200, BODY.repeat(100_000))],
    ['small only while it is compressed', reply(200, gzipSync(BODY.repeat(100_000)), { 'content-encoding': 'gzip' })],
  ])('as its answer is %s is told so', async (_, listener) => {
    expect(await errorOf(ask(listener))).toBe(
      'The moderation service answered with status 200 and more than 1048576 bytes.',
    )
  })

  test('as its answer never ends is left after a megabyte', async () => {
    let isClosed = false
    const endless: RequestListener = (request, response) => {
      request.resume()
      response.on('close', () => {
        isClosed = true
      })
      const write = () => {
        while (!isClosed && response.write(BODY.repeat(1000)));
        response.once('drain', write)
      }
      write()
    }
    expect(await errorOf(ask(endless))).toContain('more than 1048576 bytes')
    await expect.poll(() => isClosed).toBe(true)
  })
})

describe('what a service cannot be asked with', () => {
  const url = 'https://example.org/v1/moderations'

  test.each<OpenAiModerationOptions>([
    { url: '' },
    { url: 'v1/moderations?of-the-query' },
    { url: 'file:///etc/of-the-query' },
    { url: `https://ann:${KEY}@example.org/?of-the-query` },
    { url: `https://${KEY}@example.org/` },
    { url, key: `${KEY}\n` },
    { url, key: `${KEY}…` },
    { url, timeout: 0 },
    { url, timeout: 2 ** 31 },
    { url, timeout: Number.NaN },
  ])('is refused at once, and not quoted: %j', (options) => {
    let error: unknown
    try {
      openAiModeration(options)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(inspect(error, { depth: 10 })).not.toMatch(SECRETS)
  })
})
