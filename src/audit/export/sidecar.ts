import { basename } from 'node:path'

/** The line by which `sha256sum --check` checks a file. */
export const sidecarText = (sha256: string, path: string): string => `${sha256}  ${basename(path)}\n`

/** The hash in such a file, also as other programs write it; `undefined` where there is none. */
export const hashInSidecar = (text: string): string | undefined =>
  /^\\?([0-9a-f]{64}) [ *]/i.exec(text)?.[1]?.toLowerCase()

export const sidecarOf = (path: string): string => `${path}.sha256`
export const manifestOf = (path: string): string => `${path}.manifest`
