import type { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'

/** A bucket, and what opens it. */
export interface S3Place {
  readonly bucket: string
  /** `undefined`: that of AWS. */
  readonly endpoint?: string | undefined
  readonly region: string
  /** `undefined`: the library looks in its usual places. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

export interface S3 {
  readonly sdk: typeof import('@aws-sdk/client-s3')
  readonly client: S3Client
  readonly bucket: string
}

const ATTEMPTS = 3
const CONNECT_MS = 5_000

/** Loads the library, which takes a while and some memory; nothing is sent yet. */
export async function connect(place: S3Place, silenceMs: number): Promise<S3> {
  const { bucket, endpoint, region, credentials } = place
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({
    region,
    ...(credentials === undefined ? {} : { credentials }),
    // A name of its own for each bucket is what AWS has; other services seldom do.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    // Checksums in trailers are newer than many compatible services, and what was uploaded is read back anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: ATTEMPTS,
    // A bound on silence, not on the whole request: large files may take their time as long as they move.
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: silenceMs },
  })
  return { sdk, client, bucket }
}

export async function read({ sdk, client, bucket }: S3, key: string): Promise<Readable> {
  const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }))
  return Body as Readable
}

export async function remove({ sdk, client, bucket }: S3, key: string): Promise<void> {
  await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }))
}
