import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Prepared } from '../audit/export/exporter.ts'
import type { Config } from '../config.ts'
import { makeDirectory } from '../kernel/durable-file.ts'
import { complain } from './print.ts'

/** How a command line names stdout. */
export const STDOUT = '-'

/**
 * Where an export for stdout is written first: no entry leaves before the entry of it is there. What a killed run leaves
 * of it, the next one removes.
 */
export async function stdoutDraft({ dataDir }: Config): Promise<string> {
  await makeDirectory(dataDir)
  return join(dataDir, 'export-to-stdout')
}

/** The file alone on stdout, or as much as somebody read, who is told of no more. */
export async function toStdout({ partial, exported }: Prepared): Promise<void> {
  let isOpen = true
  const onError = () => {
    isOpen = false
  }
  process.stdout.on('error', onError)
  try {
    for await (const piece of createReadStream(partial)) {
      // What else is wrong with stdout is told where its errors are taken.
      if (!process.stdout.write(piece)) await once(process.stdout, 'drain').catch(onError)
      if (!isOpen) return
    }
    complain(`${exported.count} entries on stdout, without a manifest.`)
  } finally {
    process.stdout.off('error', onError)
  }
}
