import { z } from 'zod'
import { folder, variable, wholeNumber } from './variable.ts'

const text = (pattern: RegExp, error: string) =>
  z
    .string()
    .optional()
    .refine((value) => value === undefined || pattern.test(value), { error })

export const EXPORT_VARIABLES = {
  AUDIT_EXPORT_DIR: variable({
    help: 'The directory of the daily exports (02:00 UTC, a folder for each day). Without it there are none.',
    example: './data/audit-exports',
    schema: folder.optional(),
  }),
  AUDIT_EXPORT_KEEP_DAYS: variable({
    help: 'How many days the files of the daily exports stay there, 1 to 3650.',
    example: '30',
    schema: wholeNumber(1, 3650, 30),
  }),
  AUDIT_ARCHIVE: variable({
    help: 'Whether entries past their retention are written to archives before they leave the database: on or off.',
    example: 'on',
    schema: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  }),
  AUDIT_ARCHIVE_DIR: variable({
    help: 'The directory of the archives, a folder for each year. Without it, one beside the database.',
    example: './data/audit-archive',
    schema: folder.optional(),
  }),
  AUDIT_ARCHIVE_YEARS: variable({
    help: 'How many years archives are kept, 1 to 100.',
    example: '7',
    schema: wholeNumber(1, 100, 7),
  }),
  S3_BUCKET: variable({
    help: 'A bucket (S3 or compatible) to which exports and archives are uploaded too, and through which files go that are too large for a chat.',
    example: 'example-audit',
    schema: text(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'must be the name of a bucket: 3 to 63 small letters, digits, dots and dashes',
    ),
  }),
  S3_ENDPOINT: variable({
    help: 'The address of the S3-compatible service. Without it, that of AWS.',
    example: 'https://s3.example.com',
    schema: z
      .string()
      .optional()
      .refine((value) => value === undefined || isAddress(value), { error: 'must be an http or https address' }),
  }),
  S3_REGION: variable({
    help: 'The region of the bucket.',
    example: 'eu-central-1',
    schema: z
      .string()
      .default('us-east-1')
      .refine((value) => /^[a-z0-9-]{1,50}$/.test(value), { error: 'must be the name of a region' }),
  }),
  S3_ACCESS_KEY_ID: variable({
    help: 'The id of the key for the bucket. Without it, the usual places of AWS are looked up: AWS_ACCESS_KEY_ID, profiles, the role of the machine.',
    example: 'AKIAIOSFODNN7EXAMPLE',
    schema: text(/^\S{1,200}$/u, 'must be one word'),
  }),
  S3_SECRET_ACCESS_KEY: variable({
    help: 'The secret part of that key.',
    example: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    isSecret: true,
    schema: text(/^\S{1,500}$/u, 'must be one word'),
  }),
  S3_ARCHIVE_STORAGE_CLASS: variable({
    help: 'The storage class of archives in the bucket.',
    example: 'STANDARD_IA',
    schema: text(/^[A-Z_]{1,50}$/, 'must be a storage class, in capital letters'),
  }),
} as const

/** The daily exports. */
export interface ExportConfig {
  /** `undefined`: there are none. */
  readonly directory: string | undefined
  readonly keepDays: number
}

/** What becomes of entries past their retention. */
export interface ArchiveConfig {
  readonly isOn: boolean
  /** `undefined`: beside the database. */
  readonly directory: string | undefined
  readonly years: number
  /** In the object store; `undefined`: that of the bucket. */
  readonly storageClass: string | undefined
}

/** Where objects are stored, and how. */
export interface S3Config {
  readonly bucket: string
  readonly endpoint: string | undefined
  readonly region: string
  /** `undefined`: the library looks in its usual places. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

interface Values {
  readonly AUDIT_EXPORT_DIR?: string | undefined
  readonly AUDIT_EXPORT_KEEP_DAYS: number
  readonly AUDIT_ARCHIVE: 'on' | 'off'
  readonly AUDIT_ARCHIVE_DIR?: string | undefined
  readonly AUDIT_ARCHIVE_YEARS: number
  readonly S3_BUCKET?: string | undefined
  readonly S3_ENDPOINT?: string | undefined
  readonly S3_REGION: string
  readonly S3_ACCESS_KEY_ID?: string | undefined
  readonly S3_SECRET_ACCESS_KEY?: string | undefined
  readonly S3_ARCHIVE_STORAGE_CLASS?: string | undefined
}

export function toExportConfig(values: Values): {
  readonly exports: ExportConfig
  readonly archive: ArchiveConfig
  readonly s3: S3Config | undefined
} {
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey }
  return {
    exports: { directory: values.AUDIT_EXPORT_DIR, keepDays: values.AUDIT_EXPORT_KEEP_DAYS },
    archive: {
      isOn: values.AUDIT_ARCHIVE === 'on',
      directory: values.AUDIT_ARCHIVE_DIR,
      years: values.AUDIT_ARCHIVE_YEARS,
      storageClass: values.S3_ARCHIVE_STORAGE_CLASS,
    },
    s3:
      bucket === undefined
        ? undefined
        : { bucket, endpoint: values.S3_ENDPOINT, region: values.S3_REGION, credentials },
  }
}

/** Half a key opens nothing, and without a bucket nothing is uploaded, unnoticed. */
export function objectStoreProblem(given: Readonly<Record<string, string | undefined>>): [string, string] | undefined {
  const pair = ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const
  const [useless] = (['S3_ENDPOINT', ...pair] as const).filter((name) => given[name] !== undefined)
  if (useless !== undefined && given.S3_BUCKET === undefined) return [useless, 'is of no use without S3_BUCKET']
  const [missing] = pair.filter((name) => given[name] === undefined)
  const [present] = pair.filter((name) => given[name] !== undefined)
  return missing === undefined || present === undefined ? undefined : [missing, `must be set together with ${present}`]
}

function isAddress(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol)
  } catch {
    return false
  }
}
