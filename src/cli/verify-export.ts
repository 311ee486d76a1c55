import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { UsageError } from '../app/usage-error.ts'
import { manifestOf } from '../audit/export/sidecar.ts'
import { type ExportVerification, verifyExport } from '../audit/export/verify-export.ts'
import { readConfig } from '../config.ts'
import { isSystemError, Problem } from '../kernel/problem.ts'
import { fileNamed } from './given-path.ts'
import { print, printProblem } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { EXIT, ownKey, readKey, readText, Unchecked } from './trusted-keys.ts'

/** `chatwarden verify-export`: a file against its manifest; with `--key` without database and configuration. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { key: { type: 'string', multiple: true, default: [] }, manifest: { type: 'string' } },
  })
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError('verify-export needs the name of one file.')
  fileNamed('verify-export', path, 'Save what is piped in: it is read more than once.')
  if (values.manifest !== undefined) fileNamed('--manifest', values.manifest, 'For what is piped in write /dev/stdin.')
  const bar = progressBar('entries')
  try {
    const keys = values.key.length > 0 ? values.key.map(readKey) : [ownKey(readConfig())]
    if (!existsSync(path) && !existsSync(`${path}.001`)) throw new Unchecked(`there is no file ${path}.`)
    const manifest = readText(values.manifest ?? manifestOf(path))
    const verification = await verifyExport({ path, manifest, keys, onProgress: bar.update })
    bar.end()
    return report(path, verification)
  } catch (error) {
    if (!(error instanceof Problem || isSystemError(error))) throw error
    printProblem(`Could not check: ${error.message}`, print)
    return EXIT.unchecked
  } finally {
    bar.end()
  }
}

function report(path: string, { findings, manifest, completeness }: ExportVerification): number {
  for (const finding of findings) print(`✘ ${finding}`)
  if (manifest !== undefined) {
    const { fields, by } = manifest
    print(`${path}: ${fields.entries} entries, exported ${fields['exported-at']} by ${fields['exported-by']}.`)
    print(`Filters: ${fields.filters}; times of ${fields['time-zone']}.`)
    print(`Signed by ${by.map((each) => `${each.name}+${each.keyId}`).join(', ')}.`)
  }
  if (findings.length > 0) {
    print(`Not what was signed: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.`)
    return EXIT.findings
  }
  print(
    completeness === 'tree'
      ? 'Every byte is as it was signed, and the entries are all of the signed tree: nothing was left out.'
      : 'Every byte is as it was signed. That no entry which matches was left out rests on the signer.',
  )
  return EXIT.clean
}
