// A moderation that runs on this machine. With MODERATION_URL and MODERATION_API_KEY set, leave it out of
// openChatwarden's options: an endpoint like OpenAI's is asked then.

const CATEGORIES = {
  violence: /\b(?:kill|murder|bomb)\b/i,
  harassment: /\b(?:idiot|stupid|moron)\b/i,
}

/** @param {string} text */
export async function moderate(text) {
  const categories = Object.keys(CATEGORIES).filter((name) => CATEGORIES[name].test(text))
  return { flagged: categories.length > 0, categories }
}
