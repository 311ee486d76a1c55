import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type S3rver from 's3rver'
import type { Context, Middleware } from 's3rver'

/** What S3 does and s3rver does not, on s3rver's own files. */
export interface Missing {
  /** How many objects or uploads one answer lists. S3 has 1,000, and s3rver cannot go on after the first page. */
  readonly pageSize: number
  /** Some compatible services do not list unfinished uploads either. */
  readonly listsUploads: boolean
}

export interface Unfinished {
  readonly Key: string
  readonly UploadId: string
}

export function unfinishedUploads(directory: string): Unfinished[] {
  if (!existsSync(directory)) return []
  const uploads = readdirSync(directory).map((id) => ({
    Key: readFileSync(join(directory, id, 'key'), 'utf8'),
    UploadId: id,
  }))
  return uploads.sort((a, b) => (position(a.Key, a.UploadId) < position(b.Key, b.UploadId) ? -1 : 1))
}

const position = (key: string, id: string): string => `${key}\n${id}`

/** ListMultipartUploads, AbortMultipartUpload, and the pages of ListObjectsV2. */
export function missing(directory: string, { pageSize, listsUploads }: Missing): Middleware {
  return async (context, next) => {
    const { method, query } = context
    if (method === 'GET' && 'uploads' in query && listsUploads) context.body = uploadsPage(query, directory, pageSize)
    else if (method === 'DELETE' && query.uploadId !== undefined) {
      rmSync(join(directory, query.uploadId), { recursive: true })
      context.status = 204
    } else if (query['list-type'] === '2') await objectsPage(context, next, pageSize)
    else await next()
  }
}

function uploadsPage(query: Context['query'], directory: string, pageSize: number): unknown {
  const { prefix = '', 'key-marker': key = '', 'upload-id-marker': id = '' } = query
  const rest = unfinishedUploads(directory)
    .filter(({ Key }) => Key.startsWith(prefix))
    .filter((upload) => position(upload.Key, upload.UploadId) > position(key, id))
  const page = rest.slice(0, pageSize)
  const isTruncated = rest.length > page.length
  const last = isTruncated ? page.at(-1) : undefined
  const next = last && { NextKeyMarker: last.Key, NextUploadIdMarker: last.UploadId }
  return { ListMultipartUploadsResult: { IsTruncated: isTruncated, ...next, Upload: page } }
}

/** Its tokens need a cipher that Node has no more, so it is asked in the way of the first version, by markers. */
async function objectsPage(context: Context, next: () => Promise<void>, pageSize: number): Promise<void> {
  const { 'list-type': _, 'continuation-token': marker, ...query } = context.query
  Object.assign(context, { query: { ...query, 'max-keys': String(pageSize), ...(marker && { marker }) } })
  await next()
  const { ListBucketResult: result } = context.body as { ListBucketResult?: Page }
  if (result?.IsTruncated) result.NextContinuationToken = result.Contents.at(-1)?.Key
}

interface Page {
  readonly IsTruncated: boolean
  readonly Contents: readonly { readonly Key: string }[]
  NextContinuationToken?: string | undefined
}

/** s3rver answers before all is in its file, and would send half of it to who reads at once; S3 does not. */
export function answerWhenStored(server: S3rver): void {
  const { store } = server
  const putObject = store.putObject.bind(store)
  const putPart = store.putPart.bind(store)
  store.putObject = async (object) => {
    const stored = await putObject(object)
    await hasSize(store.getResourcePath(object.bucket, object.key, 'object'), stored.size)
    return stored
  }
  store.putPart = async (bucket, uploadId, part, content) => {
    const stored = await putPart(bucket, uploadId, part, content)
    await hasSize(join(store.getResourcePath(bucket, undefined, 'uploads'), uploadId, part), stored.size)
    return stored
  }
}

async function hasSize(path: string, size: number): Promise<void> {
  // Another may have taken its place, or its folder may be gone.
  for (const end = performance.now() + 10_000; performance.now() < end; await wait(1))
    if (statSync(path, { throwIfNoEntry: false })?.size === size) return
}
