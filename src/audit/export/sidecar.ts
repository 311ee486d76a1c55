import { basename } from 'node:path'

/** The line by which `sha256sum --check` checks a file. */
export const sidecarText = (sha256: string, path: string): string => `${sha256}  ${basename(path)}\n`

export const sidecarOf = (path: string): string => `${path}.sha256`
export const manifestOf = (path: string): string => `${path}.manifest`
