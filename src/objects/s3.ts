import type { ObjectStore } from '../kernel/object-store.ts'
import { sha256Of } from '../kernel/sha256.ts'
import { attempt, said } from './failure.ts'
import { receive } from './receive.ts'
import { connect, read, remove, type S3, type S3Place } from './s3-client.ts'
import { upload } from './s3-upload.ts'

/** How long the store may say nothing. With all attempts, one that is gone is given up within a minute or so. */
const SILENCE_MS = 10_000

/**
 * The objects of a bucket of S3 or of a compatible service. Nothing is loaded or sent before the first call.
 *
 * Two processes must not put the same key at once: one would take the other's parts for leftovers. It fails then, and
 * nothing wrong is stored.
 */
export function openS3(place: S3Place, { silenceMs = SILENCE_MS } = {}): ObjectStore {
  let opened: Promise<S3> | undefined
  const use = <T>(action: string, run: (s3: S3) => Promise<T>): Promise<T> =>
    attempt(action, async () => {
      opened ??= connect(place, silenceMs)
      return run(await opened)
    })
  return {
    put: (key, path, options) => use(`upload ${key}`, (s3) => upload(s3, key, path, options?.storageClass)),
    sha256: (key) => use(`read ${key}`, (s3) => sha256(s3, key)),
    download: (key, path) => use(`download ${key}`, async (s3) => receive(await read(s3, key), path)),
    list: (prefix) => use(`list ${prefix}`, (s3) => list(s3, prefix)),
    link: (key, seconds) => use(`link ${key}`, (s3) => link(s3, key, seconds)),
    remove: (key) => use(`remove ${key}`, (s3) => remove(s3, key)),
    close: () =>
      void opened?.then(
        ({ client }) => client.destroy(),
        () => {},
      ),
  }
}

async function sha256(s3: S3, key: string): Promise<string | undefined> {
  const content = await read(s3, key).catch(said('NoSuchKey'))
  return content && (await sha256Of(content)).sha256
}

/** A list that goes on for ever would fill the memory. */
const MOST_KEYS = 1_000_000

async function list({ sdk, client, bucket }: S3, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key)
    if (keys.length > MOST_KEYS) throw new Error(`There are more than ${MOST_KEYS} objects under ${prefix}.`)
  }
  return keys.sort()
}

async function link({ sdk, client, bucket }: S3, key: string, seconds: number): Promise<string> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  return getSignedUrl(client, new sdk.GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds })
}
