import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface Source {
  /** Below `src`. */
  readonly file: string
  readonly text: string
  readonly program: Node
}

/** Every source file of ours. */
export const sources = (): Source[] =>
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('storage/generated'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(SRC, file), 'utf8')
      return { file, text, program: parseSync(file, text).program as unknown as Node }
    })

export function eachNode(value: unknown, visit: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) visit(value as Node)
  for (const child of Object.values(value)) eachNode(child, visit)
}
