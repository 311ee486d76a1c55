import type { BigIntStats } from 'node:fs'

/** By which a file or a folder is told from another that takes its place. */
export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev} ${ino}`
