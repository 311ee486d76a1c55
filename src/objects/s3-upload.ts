import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { StorageClass } from '@aws-sdk/client-s3'
import { sha256Of } from '../kernel/sha256.ts'
import { refused, said, unavailable } from './failure.ts'
import { read, remove, type S3 } from './s3-client.ts'

/** Parts of 5 MiB or more, so this is what an upload takes of the memory: 20 MiB for files up to 50 GB. */
const PARTS_AT_ONCE = 4

/** Where objects must be restored before they can be read, and so cannot be read back. */
const UNREADABLE: readonly (string | undefined)[] = ['GLACIER', 'DEEP_ARCHIVE']

/** What `ObjectStore.put` says. */
export async function upload(s3: S3, key: string, path: string, storageClass: string | undefined): Promise<string> {
  const action = `upload ${key}`
  if (UNREADABLE.includes(storageClass)) throw unavailable(action, `${storageClass} cannot be read back`)
  const { sha256: hash } = await sha256Of(createReadStream(path))
  await abortLeftovers(s3, key)
  if ((await storedHash(s3, key)) === hash) return hash
  await send(s3, key, path, storageClass)
  if ((await storedHash(s3, key)) === hash) return hash
  await remove(s3, key)
  throw unavailable(action, 'what was read back is not what was sent')
}

async function storedHash(s3: S3, key: string): Promise<string | undefined> {
  // The bucket's own rules may have moved an older object to where it cannot be read; it is replaced.
  const content = await read(s3, key).catch(said('NoSuchKey', 'InvalidObjectState'))
  return content && (await sha256Of(content)).sha256
}

async function send(s3: S3, key: string, path: string, storageClass: string | undefined): Promise<void> {
  const { Upload } = await import('@aws-sdk/lib-storage')
  const { size } = await stat(path)
  const content = createReadStream(path)
  // It is opened before the upload reads it, which gets the error then.
  content.on('error', () => {})
  const params = {
    Bucket: s3.bucket,
    Key: key,
    Body: content,
    ContentLength: size,
    StorageClass: storageClass as StorageClass | undefined,
  }
  try {
    await new Upload({ client: s3.client, params, queueSize: PARTS_AT_ONCE, leavePartsOnError: false }).done()
  } finally {
    content.destroy()
  }
}

/**
 * Parts of an upload that did not come to its end are paid for and seen by nobody. Not every service can list them,
 * and not every key may; the file is uploaded all the same.
 */
async function abortLeftovers(s3: S3, key: string): Promise<void> {
  try {
    for await (const id of leftovers(s3, key)) {
      await s3.client.send(new s3.sdk.AbortMultipartUploadCommand({ Bucket: s3.bucket, Key: key, UploadId: id }))
    }
  } catch (error) {
    refused(error)
  }
}

async function* leftovers({ sdk, client, bucket }: S3, key: string): AsyncGenerator<string> {
  for (let after = {}, isMore = true; isMore; ) {
    const page = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key, ...after }))
    for (const { Key, UploadId } of page.Uploads ?? []) {
      if (Key === key && UploadId !== undefined) yield UploadId
    }
    after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
    isMore = page.IsTruncated === true && page.NextKeyMarker !== undefined
  }
}
