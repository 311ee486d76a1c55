import { type FileHandle, open } from 'node:fs/promises'
import { afterFailure } from '../../kernel/after-failure.ts'
import type { Page } from './page.ts'

/** Files that are written side by side, so that whatever is in one is in the others. */
export class Files {
  readonly #opened: { readonly page: Page; readonly path: string; readonly handle: FileHandle }[] = []

  /** `pathOf`: where the file of an extension is to be. */
  static async open(pages: readonly Page[], pathOf: (extension: string) => Promise<string>): Promise<Files> {
    const files = new Files()
    try {
      for (const page of pages) {
        const path = await pathOf(page.extension)
        files.#opened.push({ page, path, handle: await open(path, 'wx', 0o600) })
      }
      return files
    } catch (error) {
      return afterFailure(error, () => files.close())
    }
  }

  get paths(): string[] {
    return this.#opened.map(({ path }) => path)
  }

  async write(text: (page: Page) => string): Promise<void> {
    for (const { page, handle } of this.#opened) await handle.appendFile(text(page))
  }

  async close(): Promise<void> {
    for (const { handle } of this.#opened) await handle.close()
  }
}
