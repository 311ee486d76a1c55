import { describe, expect, test } from 'vitest'
import { busyChart } from '../support/charts.ts'
import { ROOT, runNode } from '../support/child.ts'

/** Runs a module in a process of its own, on the compiled room. */
async function runFresh(source: string, ...flags: string[]): Promise<string> {
  const chart = JSON.stringify(busyChart(7, 40))
  const start = `const load = () => import('${ROOT}dist/charts/stacked-days.js'); const chart = ${chart};`
  const { code, stdout, stderr } = await runNode([...flags, '--input-type=module', '-e', `${start}${source}`], {
    isLong: true,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('what draws', () => {
  test('is loaded with the first picture and not before, and lets the process end', async () => {
    const listing = `
      import { writeSync } from 'node:fs'
      export async function resolve(specifier, context, next) {
        const found = await next(specifier, context)
        writeSync(1, found.url + '\\n')
        return found
      }`
    const hooks = `data:text/javascript,${encodeURIComponent(listing)}`
    const register = `import { register } from 'node:module'; register(${JSON.stringify(hooks)})`
    const source = `
      import { createRequire } from 'node:module'
      const { drawStackedDays } = await load()
      const required = () => Object.keys(createRequire('${ROOT}x.js').cache).join('\\n')
      console.log(required() + '\\nDRAWING')
      await drawStackedDays(chart)
      console.log(required())`
    const stdout = await runFresh(source, '--import', `data:text/javascript,${encodeURIComponent(register)}`)
    const [before, after] = stdout.split('DRAWING')
    expect(before).toContain('charts/stacked-days.js')
    expect(before).not.toMatch(/echarts|resvg/)
    expect(after).toMatch(/echarts/)
    expect(after).toMatch(/resvg-wasm/)
  })

  test('starts for several first pictures at once', async () => {
    const source = `
      const { drawStackedDays } = await load()
      const [one, other] = await Promise.all([chart, chart].map(drawStackedDays))
      console.log(one.length > 10_000, other.equals(one))`
    expect(await runFresh(source)).toBe('true true\n')
  })

  test('does with what the host has initialised for itself, and leaves it working', async () => {
    const source = `
      import { readFileSync } from 'node:fs'
      import { initWasm, Resvg } from '@resvg/resvg-wasm'
      await initWasm(readFileSync('${ROOT}node_modules/@resvg/resvg-wasm/index_bg.wasm'))
      const image = new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>').render()
      const { drawStackedDays } = await load()
      const png = await drawStackedDays(chart)
      console.log(png.length > 10_000, image.width, image.asPng().length > 0)`
    expect(await runFresh(source)).toBe('true 3 true\n')
  })
})
