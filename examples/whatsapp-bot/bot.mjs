// A small bot on whatsapp-web.js: it echoes, and it answers questions. Everything it must be able to account for goes
// through Chatwarden: who is let in, how fast, what may be said, what fails, what it costs, and what admins change.
import { CircuitOpenError, PermissionError } from 'chatwarden'
import { answer as localAnswer } from './answerer.mjs'
import { answererKey, answerStyle, tokenPrice } from './settings.mjs'

/**
 * Puts the bot on a client; whoever made the client initializes it.
 * @param {import('whatsapp-web.js').Client} client
 * @param {import('chatwarden').Chatwarden} chatwarden opened with this bot's settings
 * @param {{ answer?: typeof localAnswer, resetAfter?: number }} [options]
 */
export function startBot(client, chatwarden, { answer = localAnswer, resetAfter = 30_000 } = {}) {
  const attached = chatwarden.attach(client)
  const breaker = chatwarden.circuitBreaker({ service: 'answerer', failures: 3, resetAfter })
  const { AuditLogger, settings } = chatwarden
  /** How many questions each person has asked since they last said /forget. */
  const asked = new Map()

  const COMMANDS = {
    '/ask': async (sender, question) => {
      const options = { style: settings.get(answerStyle), key: settings.get(answererKey) }
      const { text, tokens } = await breaker.run(() => answer(question, options))
      await chatwarden.addCost(tokens * settings.get(tokenPrice))
      asked.set(sender.phoneNumber, (asked.get(sender.phoneNumber) ?? 0) + 1)
      return text
    },
    '/usage': async (sender) => {
      await AuditLogger.logUsageQuery({ performedBy: sender, queryType: 'own questions' })
      return `You have asked ${asked.get(sender.phoneNumber) ?? 0} questions.`
    },
    '/forget': async (sender) => {
      asked.delete(sender.phoneNumber)
      await AuditLogger.logConversationReset({ performedBy: sender })
      return 'Forgotten.'
    },
    '/forget-all': async (sender) => {
      if (sender.role !== 'OWNER') throw new PermissionError('FORGET_ALL', 'ROLE_TOO_LOW')
      asked.clear()
      return 'All forgotten.'
    },
  }

  /** What the bot answers; nothing if it should not. */
  async function reply(message) {
    const admission = await attached.admit(message)
    // What somebody is told who is not let in is not for a group.
    if (!admission.admitted) return message.from.endsWith('@g.us') ? undefined : admission.text
    const { sender } = admission
    const { passes } = await chatwarden.moderate(sender, message.body)
    if (!passes) return undefined
    const [word, ...rest] = message.body.trim().split(/\s+/)
    const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
    if (command === undefined) return `You said: ${message.body}`
    return chatwarden.reportDenials(sender, () => command(sender, rest.join(' ')))
  }

  async function onMessage(message) {
    if (attached.isCommand(message) || message.type !== 'chat') return
    const text = await reply(message).catch(whatToSay)
    if (text !== undefined) await message.reply(text)
  }
  /** Messages that are being answered: the browser must not end before. */
  const answering = new Set()
  const listener = (message) => {
    const answered = onMessage(message)
      .catch((error) => console.error('A message was not answered:', error))
      .finally(() => answering.delete(answered))
    answering.add(answered)
  }
  client.on('message', listener)
  return {
    async stop() {
      client.off('message', listener)
      await Promise.all(answering)
      await attached.detach()
    },
  }
}

function whatToSay(error) {
  if (error instanceof PermissionError) return 'You may not do that.'
  if (error instanceof CircuitOpenError) return 'I need a break. Please ask again in a minute.'
  return 'That did not work. Please try again.'
}
