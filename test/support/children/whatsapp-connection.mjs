// A bot's connection in a process of its own: prints `ready`, stops when told to. The options are in its environment and
// not among its arguments, by which the stand-in would take it for a browser.
import { pino } from 'pino'
import { Connection } from '../../../dist/chat/whatsapp/connection.js'

const log = pino({ base: null }, pino.destination({ fd: 2, sync: true }))
const connection = new Connection(JSON.parse(process.env.OPTIONS), { log, show: (text) => console.error(text) })
connection.onReady(() => console.log('ready'))
await connection.start()
process.stdin.once('data', async () => {
  await connection.stop()
  process.exit()
})
