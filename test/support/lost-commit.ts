import { openTestWarden, temporaryFolder } from './chatwarden.ts'
import { wayTo } from './way.ts'
import { keyOf } from './writer.ts'

/** Where the connection breaks: before the server has heard of the commit, or before anybody has heard the answer. */
type Moment = 'before' | 'after'

/** A way to a server that breaks at a COMMIT. */
async function openFragileWay(to: string) {
  let breaksAt: Moment | undefined
  let isOpen = true
  const url = await wayTo(to, (client, server) => {
    let isMute = false
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    client.on('data', (bytes) => {
      if (breaksAt === undefined || !bytes.includes('COMMIT\0')) return server.write(bytes)
      const moment = breaksAt
      breaksAt = undefined
      if (moment === 'before') return cut()
      isMute = true
      // Its answer says that it is done.
      server.once('data', cut)
      server.write(bytes)
    })
    server.on('data', (bytes) => !isMute && client.write(bytes))
    client.on('close', cut)
    server.on('close', cut)
    if (!isOpen) cut()
  })
  return {
    url,
    /** Breaks at the next COMMIT, for good or only that once. */
    breakAtCommit: (moment: Moment, { forGood = false } = {}) => {
      breaksAt = moment
      isOpen = !forGood
    },
    /** Lets connections through again. */
    mend: () => {
      isOpen = true
    },
  }
}

/** A bot on such a way, and the role that somebody has, as one with a way of its own sees it. */
export async function fragileBot() {
  const folder = temporaryFolder()
  const other = await openTestWarden({}, folder)
  const way = await openFragileWay(other.url)
  const env = { DATABASE_URL: way.url, AUDIT_SIGNING_KEY: keyOf(other.path).current().export() }
  const bot = await openTestWarden({ env }, temporaryFolder())
  const roleOf = async (phone: string) => (await other.UserRepository.findByPhoneNumber(phone))?.role
  return { bot, way, roleOf }
}
