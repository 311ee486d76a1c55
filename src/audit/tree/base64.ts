/**
 * The bytes of a base64 text (RFC 4648, section 4), or `undefined`. Node reads anything and drops what it can't; here
 * a text must be the one that its bytes have.
 */
export function fromBase64(text: string, length?: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text || (length !== undefined && bytes.length !== length)) return undefined
  return bytes
}
