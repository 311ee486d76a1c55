import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { KnipConfig } from 'knip'

const files = readdirSync('test', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => `${parentPath}/${name}`)
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))

/** Tests start scripts by their names, so that a script which none of them names is not used. */
const scripts = files
  .filter((file) => /\.(mjs|cjs|js)$/.test(file))
  .filter((file) => [...sources].some(([other, source]) => other !== file && source.includes(basename(file))))

const config: KnipConfig = {
  entry: [
    'src/index.ts!',
    'src/cli/cli.ts!',
    'scripts/*.mjs',
    'examples/*.{mjs,ts}',
    'examples/whatsapp-bot/main.mjs',
    'test/public-types.ts',
    'test/**/*.{test,soak}.ts',
    'test/support/tried-twice/*.ts',
    ...scripts,
  ],
  project: ['src/**/*.ts!', 'test/**/*.{ts,mts,mjs,cjs,js}', 'scripts/**', 'bench/**', 'examples/**'],
  ignoreDependencies: ['libphonenumber-js', '@sparticuz/chromium'],
  ignoreBinaries: ['sha256sum', 'soffice', 'openssl', 'go', 'apt-get', 'mkfifo'],
}

export default config
