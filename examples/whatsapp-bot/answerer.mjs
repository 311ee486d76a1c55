// Something like an AI, on this machine: it turns a question back on who asks, as ELIZA did in 1966. Put the client of
// your real service here; whatever it throws, the circuit breaker in bot.mjs counts.

const REFLECTIONS = new Map(
  Object.entries({ i: 'you', me: 'you', my: 'your', am: 'are', you: 'I', your: 'my', are: 'am', mine: 'yours' }),
)
const RULES = [
  [/\bbecause\b/i, () => 'Is that the real reason?'],
  [/^(?:what|who|where|when|how|why)\b/i, (question) => `What would it change to know ${reflect(question)}?`],
  [/\bi (?:need|want) (.+)/i, (_, what) => `What would it mean to you to have ${reflect(what)}?`],
  [/./, (question) => `Tell me more: why do you say "${reflect(question)}"?`],
]

/**
 * @param {string} question
 * @param {{ style: string, key: string }} options
 * @returns {Promise<{ text: string, tokens: number }>}
 */
export async function answer(question, { style }) {
  const [pattern, reply] = RULES.find(([pattern]) => pattern.test(question)) ?? RULES.at(-1)
  const text = style === 'short' ? 'Why?' : reply(question, question.match(pattern)?.[1] ?? question)
  return { text, tokens: text.split(/\s+/).length }
}

const reflect = (text) =>
  text
    .replace(/[?!.\s]+$/, '')
    .split(/\s+/)
    .map((word) => REFLECTIONS.get(word.toLowerCase()) ?? word)
    .join(' ')
