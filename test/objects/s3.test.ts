import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { CreateMultipartUploadCommand, GetObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ObjectStore } from '../../src/kernel/object-store.ts'
import { openS3 } from '../../src/objects/s3.ts'
import type { S3Place } from '../../src/objects/s3-client.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { runNode } from '../support/child.ts'
import { BUCKET, CREDENTIALS, type S3Server, startS3Server } from '../support/s3-server.ts'

const MIB = 1024 * 1024
const KEY = 'audit-logs/2026-06-15/audit log+1.csv'

function open(place: S3Place, options?: { silenceMs?: number }): ObjectStore {
  const store = openS3(place, options)
  onTestFinished(() => store.close())
  return store
}

async function start(like?: Parameters<typeof startS3Server>[0]): Promise<{ server: S3Server; store: ObjectStore }> {
  const server = await startS3Server(like)
  return { server, store: open(server.place) }
}

function file(content: string | Buffer): string {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, content)
  return path
}

/** No two parts of it are the same, so parts that changed places would be noticed. */
function large(bytes: number): Buffer {
  const content = Buffer.alloc(bytes, 'chatwarden')
  for (let at = 0; at < bytes; at += 64 * 1024) content.writeUInt32BE(at, at)
  return content
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

const unavailable = (detail: string | RegExp) => ({
  code: 'OBJECT_STORE_UNAVAILABLE',
  message: expect.stringMatching(detail),
})

/** The library itself, for what no object store would do. */
function rawClient(place: S3Place): S3Client {
  const { region, endpoint = '', credentials } = place
  const client = new S3Client({ region, endpoint, forcePathStyle: true, ...(credentials && { credentials }) })
  onTestFinished(() => client.destroy())
  return client
}

/** What a process leaves that is killed in the middle of an upload. */
async function leaveUpload(place: S3Place, key: string): Promise<void> {
  const client = rawClient(place)
  const object = { Bucket: BUCKET, Key: key }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object))
  await client.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'a part' }))
}

describe('uploading', () => {
  test('what was uploaded can be read back, and the hash of it is returned', async () => {
    const { server, store } = await start()
    expect(await store.put(KEY, file('an export'))).toBe(sha256('an export'))
    expect(readFileSync(server.file(KEY), 'utf8')).toBe('an export')
    expect(await store.sha256(KEY)).toBe(sha256('an export'))
  })

  test('an empty file is an object too', async () => {
    const { store } = await start()
    expect(await store.put(KEY, file(''))).toBe(sha256(''))
    expect(await store.sha256(KEY)).toBe(sha256(''))
  })

  test('an object is replaced by other content', async () => {
    const { store } = await start()
    await store.put(KEY, file('an export'))
    await store.put(KEY, file('another'))
    expect(await store.sha256(KEY)).toBe(sha256('another'))
  })

  test('a large file goes in parts and arrives as a whole', async () => {
    const { server, store } = await start()
    const content = large(12 * MIB)
    expect(await store.put(KEY, file(content))).toBe(sha256(content))
    expect(sha256(readFileSync(server.file(KEY)))).toBe(sha256(content))
    expect(server.requests.filter((request) => request.includes('partNumber='))).toHaveLength(3)
    expect(server.unfinished()).toEqual([])
  })

  test('the same content is not sent again', async () => {
    const { server, store } = await start()
    const path = file('an export')
    await store.put(KEY, path)
    server.requests.length = 0
    expect(await store.put(KEY, path)).toBe(sha256('an export'))
    expect(server.requests.filter((request) => !request.startsWith('GET '))).toEqual([])
  })

  test('what does not come back as it was sent is an error, and is removed', async () => {
    const { server, store } = await start()
    server.spoils = true
    await expect(store.put(KEY, file('an export'))).rejects.toMatchObject(
      unavailable(/upload audit-logs\/2026-06-15\/audit log\+1\.csv: what was read back is not what was sent\.$/),
    )
    expect(await store.sha256(KEY)).toBeUndefined()
  })

  test('the storage class is passed on', async () => {
    const { server, store } = await start()
    await store.put(KEY, file('an archive'), { storageClass: 'STANDARD_IA' })
    const { StorageClass } = await rawClient(server.place).send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }))
    expect(StorageClass).toBe('STANDARD_IA')
  })

  test.each(['GLACIER', 'DEEP_ARCHIVE'])(
    'nothing is sent to %s, which could not be read back',
    async (storageClass) => {
      const { server, store } = await start()
      await expect(store.put(KEY, file('an archive'), { storageClass })).rejects.toMatchObject(
        unavailable(`${storageClass} cannot be read back`),
      )
      expect(server.requests).toEqual([])
    },
  )

  test('a file that is not there is an error and sends nothing', async () => {
    const { server, store } = await start()
    await expect(store.put(KEY, join(temporaryFolder(), 'none'))).rejects.toMatchObject(unavailable('ENOENT'))
    expect(server.requests).toEqual([])
  })
})

describe('uploads that come to no end', () => {
  test('one that is interrupted in the middle leaves no object and no parts, and the next succeeds', async () => {
    const { server, store } = await start()
    const content = large(12 * MIB)
    const path = file(content)
    server.cuts = 'partNumber=2'
    await expect(store.put(KEY, path)).rejects.toMatchObject(unavailable('ECONNRESET|EPIPE'))
    expect(server.requests.some((request) => request.includes('partNumber=1'))).toBe(true)
    expect(server.unfinished()).toEqual([])
    expect(await store.list('')).toEqual([])
    server.cuts = undefined
    expect(await store.put(KEY, path)).toBe(sha256(content))
  })

  test('an object that was there before an interrupted upload is there as it was', async () => {
    const { server, store } = await start()
    await store.put(KEY, file('an export'))
    server.cuts = 'partNumber=2'
    await expect(store.put(KEY, file(large(6 * MIB)))).rejects.toMatchObject(unavailable('ECONNRESET|EPIPE'))
    expect(await store.sha256(KEY)).toBe(sha256('an export'))
  })

  test('what killed processes left of a key is gone after the next upload, and nothing of other keys', async () => {
    const { server, store } = await start({ pageSize: 2 })
    for (const key of [KEY, `${KEY}.more`, KEY, 'audit-logs/other', KEY]) await leaveUpload(server.place, key)
    await store.put(KEY, file('an export'))
    expect(server.unfinished()).toEqual([`${KEY}.more`, 'audit-logs/other'])
  })

  test('a service that lists no unfinished uploads takes files all the same', async () => {
    const { server, store } = await start({ listsUploads: false })
    await leaveUpload(server.place, KEY)
    expect(await store.put(KEY, file('an export'))).toBe(sha256('an export'))
    expect(server.unfinished()).toEqual([KEY])
  })
})

describe('what is refused or does not answer', () => {
  // s3rver knows ids of keys and checks no signatures, so a wrong secret cannot be shown; S3 says SignatureDoesNotMatch.
  test('wrong credentials are named, and the secret is nowhere in the error', async () => {
    const { server } = await start()
    const store = open({ ...server.place, credentials: { accessKeyId: 'SOMEBODY', secretAccessKey: 'very-secret' } })
    const error: unknown = await store.put(KEY, file('an export')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject(unavailable(/upload audit-logs\/.*: InvalidAccessKeyId \(HTTP 403\)\.$/))
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('very-secret')
  })

  test('a bucket that is not there is an error of every operation, not an absent object', async () => {
    const { server } = await start()
    const store = open({ ...server.place, bucket: 'no-such-bucket' })
    const expected = unavailable(/NoSuchBucket \(HTTP 404\)/)
    await expect(store.put(KEY, file('an export'))).rejects.toMatchObject(expected)
    await expect(store.sha256(KEY)).rejects.toMatchObject(expected)
    await expect(store.list('')).rejects.toMatchObject(expected)
    await expect(store.remove(KEY)).rejects.toMatchObject(expected)
  })

  test('a server that is gone is an error, and when it is back everything is', async () => {
    const { server, store } = await start()
    await store.put(KEY, file('an export'))
    await server.stop()
    await expect(store.put(KEY, file('another'))).rejects.toMatchObject(unavailable(/upload .*: ECONNREFUSED\.$/))
    await server.start()
    expect(await store.sha256(KEY)).toBe(sha256('an export'))
    expect(await store.put(KEY, file('another'))).toBe(sha256('another'))
  })

  test('a server that takes connections and says nothing is given up', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const store = open({ bucket: BUCKET, endpoint, region: 'us-east-1', credentials: CREDENTIALS }, { silenceMs: 50 })
    await expect(store.put(KEY, file('an export'))).rejects.toMatchObject(unavailable('TimeoutError'))
    await expect.poll(() => sockets.length).toBe(3)
  })
})

describe('reading', () => {
  test('an object that was changed behind our back has another hash', async () => {
    const { server, store } = await start()
    const hash = await store.put(KEY, file('an export'))
    appendFileSync(server.file(KEY), ' with one line more')
    expect(await store.sha256(KEY)).not.toBe(hash)
  })

  test('what is not there has no hash', async () => {
    const { store } = await start()
    expect(await store.sha256(KEY)).toBeUndefined()
  })

  test('a download is complete, readable by its owner alone, and leaves nothing beside it', async () => {
    const { store } = await start()
    const content = large(MIB)
    await store.put(KEY, file(content))
    const folder = temporaryFolder()
    await store.download(KEY, join(folder, 'copy'))
    expect(sha256(readFileSync(join(folder, 'copy')))).toBe(sha256(content))
    expect(statSync(join(folder, 'copy')).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['copy'])
  })

  test('a download that fails leaves what was there before', async () => {
    const { store } = await start()
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'copy'), 'an older copy')
    mkdirSync(join(folder, 'taken'))
    await expect(store.download(KEY, join(folder, 'copy'))).rejects.toMatchObject(unavailable('NoSuchKey'))
    await store.put(KEY, file('an export'))
    await expect(store.download(KEY, join(folder, 'taken'))).rejects.toMatchObject(unavailable('EISDIR'))
    expect(readdirSync(folder)).toEqual(['copy', 'taken'])
    expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe('an older copy')
  })

  test('a download that is cut in the middle leaves nothing', async () => {
    const { server, store } = await start()
    await store.put(KEY, file(large(4 * MIB)))
    const folder = temporaryFolder()
    server.cutsDownloads = true
    await expect(store.download(KEY, join(folder, 'copy'))).rejects.toMatchObject(unavailable('ECONNRESET'))
    expect(readdirSync(folder)).toEqual([])
    await expect(store.sha256(KEY)).rejects.toMatchObject(unavailable('ECONNRESET'))
  })

  test('a list has all keys that begin so, in order, over all its pages', async () => {
    const { server, store } = await start({ pageSize: 2 })
    const keys = ['archive/2025/b', 'archive/2025/a', 'archive/2025/c', 'archive/2025/B', 'archive/2024/z']
    for (const key of [...keys, 'audit-logs/x']) await store.put(key, file(key))
    server.requests.length = 0
    expect(await store.list('archive/')).toEqual([...keys].sort())
    expect(server.requests).toHaveLength(3)
    expect(await store.list('nothing/')).toEqual([])
  })
})

describe('links', () => {
  // s3rver checks the time and the key's id, but not the signature: that one binds the link to its object, S3 checks.
  test('anybody can fetch an object by its link', async () => {
    const { store } = await start()
    await store.put(KEY, file('an export'))
    const response = await fetch(await store.link(KEY, 900))
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('an export')
  })

  test('a link ends when it was to end', async () => {
    const { store } = await start()
    await store.put(KEY, file('an export'))
    const link = await linkOf(store, new Date(Date.now() - 901_000), 900)
    const response = await fetch(link)
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('Request has expired')
    expect((await fetch(await linkOf(store, new Date(Date.now() - 800_000), 900))).status).toBe(200)
  })

  test('a link of a key that the service does not know opens nothing', async () => {
    const { server, store } = await start()
    await store.put(KEY, file('an export'))
    const stranger = open({ ...server.place, credentials: { ...CREDENTIALS, accessKeyId: 'SOMEBODY' } })
    expect((await fetch(await stranger.link(KEY, 900))).status).toBe(403)
  })

  test('another object, another time and another secret have another signature', async () => {
    const { server, store } = await start()
    const other = open({ ...server.place, credentials: { ...CREDENTIALS, secretAccessKey: 'another' } })
    const now = new Date()
    const links = [linkOf(store, now, 900), linkOf(store, now, 901), linkOf(other, now, 900)]
    const signatures = (await Promise.all(links)).map((link) => new URL(link).searchParams.get('X-Amz-Signature'))
    expect(new Set(signatures).size).toBe(3)
  })

  test('a link for longer than S3 allows is an error', async () => {
    const { store } = await start()
    await expect(store.link(KEY, 8 * 24 * 3600)).rejects.toMatchObject(unavailable('link'))
  })
})

/** The link that is made at that time. */
async function linkOf(store: ObjectStore, time: Date, seconds: number): Promise<string> {
  vi.useFakeTimers({ toFake: ['Date'], now: time })
  return store.link(KEY, seconds).finally(() => vi.useRealTimers())
}

describe('removing', () => {
  test('what is removed is gone, and to remove it again is no error', async () => {
    const { server, store } = await start()
    await store.put(KEY, file('an export'))
    await store.remove(KEY)
    expect(existsSync(server.file(KEY))).toBe(false)
    await store.remove(KEY)
    expect(await store.list('')).toEqual([])
  })
})

test('nothing of the library is loaded before the first use', async () => {
  const script = `
    import { createRequire } from 'node:module'
    import { openS3 } from './dist/objects/s3.js'
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@aws-sdk')).length
    const store = openS3({ bucket: 'audit-bucket', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
    const before = loaded()
    await store.link('key', 60)
    store.close()
    console.log(before, loaded() > 0)`
  const { stdout } = await runNode(['--input-type=module', '-e', script])
  expect(stdout).toBe('0 true\n')
})
