import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { FONT } from './theme.ts'

type Resvg = typeof import('@resvg/resvg-wasm').Resvg

/** Draws an SVG as a PNG of its own size, with the fonts shipped and no other. */
export async function svgToPng(svg: string): Promise<Buffer> {
  const [Resvg, fontBuffers] = await Promise.all([loadResvg(), readFonts()])
  // From here to the end nothing waits: another first drawing may replace the WebAssembly instance whenever this one does.
  const resvg = new Resvg(svg, { font: { fontBuffers, defaultFontFamily: FONT } })
  try {
    const image = resvg.render()
    const png = Buffer.from(image.asPng())
    image.free()
    return png
  } finally {
    resvg.free()
  }
}

function readFonts(): Promise<Buffer[]> {
  const require = createRequire(import.meta.url)
  return Promise.all([
    readFile(require.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf')),
    readFile(require.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf')),
  ])
}

/** It may not be initialised once it is: an earlier drawing may have done so, or whoever else uses it in this process. */
async function loadResvg(): Promise<Resvg> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm')
  if (isInitialised(Resvg)) return Resvg
  const require = createRequire(import.meta.url)
  await initWasm(readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
  return Resvg
}

function isInitialised(Resvg: Resvg): boolean {
  try {
    new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>').free()
    return true
  } catch {
    return false
  }
}
