/** WhatsApp’s “click to chat” links: the number is in international form, without a plus. */
const LINK =
  /^(?:(?:https?:\/\/)?(?:www\.)?wa\.me\/|(?:(?:https?:\/\/)?(?:api|web)\.whatsapp\.com\/send\/?|whatsapp:\/\/send\/?)\?(?!.*phone=.*phone=)(?:[^#]*&)?phone=)(?:\+|%2B)?([^/?&#]*)\/?(?:[?&#].*)?$/isu

/** RFC 3966. Only flags that say nothing of the number may follow (RFC 4694, RFC 4759): an extension is somebody else. */
const TEL = /^tel:(?:\/\/)?([^;]*)(?:;(?:npdi|enumdi))*$/isu

/** The number in a link, in international form where the link's is; other text as it is. */
export function withoutScheme(text: string): string {
  const linked = LINK.exec(text)?.[1]
  if (linked !== undefined) return `+${linked.replaceAll('%20', ' ')}`
  return TEL.exec(text)?.[1]?.replace(/^%2B/i, '+') ?? text
}
