// Generates the Prisma clients, one for each database. With --if-older only where the schema is newer than what is there or
// another version of Prisma made it: whatever is written anew makes what is compiled seem out of date.
//
// Prisma's command line is not used: it is a fifth of all that is installed, and looks for an engine to download which
// this generator has no need of.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const require = createRequire(import.meta.url)
const { version } = require('@prisma/client/package.json')

const outputOf = (provider) => `src/storage/generated/${provider}`

function isCurrent(provider, schemaPath) {
  const made = join(outputOf(provider), 'internal/class.ts')
  if (!existsSync(made) || !readFileSync(made, 'utf8').includes(`"clientVersion": "${version}"`)) return false
  return statSync(schemaPath).mtimeMs < statSync(made).mtimeMs
}

async function generate(provider, schemaPath) {
  const { PrismaClientTsGenerator } = require('@prisma/client-generator-ts')
  const { getConfig, getDMMF } = require('@prisma/internals')
  const { enginesVersion } = require('@prisma/engines-version')
  const datamodel = readFileSync(schemaPath, 'utf8')
  const files = [[schemaPath, datamodel]]
  const { generators, datasources } = await getConfig({ datamodel: files })
  const [generator] = generators
  generator.output.value = resolve(outputOf(provider))
  const dmmf = await getDMMF({ datamodel: files })
  await new PrismaClientTsGenerator().generate({
    generator,
    otherGenerators: [],
    schemaPath,
    dmmf,
    datasources,
    datamodel,
    version: enginesVersion,
    noHints: true,
  })
}

for (const provider of ['sqlite', 'postgresql']) {
  const schemaPath = resolve('prisma', provider, 'schema.prisma')
  if (!process.argv.includes('--if-older') || !isCurrent(provider, schemaPath)) await generate(provider, schemaPath)
}
