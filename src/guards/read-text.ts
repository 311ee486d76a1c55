/**
 * Reads the body of a response as UTF-8 text, and gives up where it is longer than `limit` bytes when decompressed.
 * @returns `undefined` where it is longer.
 * @throws the signal's reason once it is aborted.
 */
export async function readText(response: Response, limit: number, signal: AbortSignal): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  // The signal that `fetch` was given does not reach the body any more once garbage was collected (Node 20).
  const body = response.body?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, which ends the connection.
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
