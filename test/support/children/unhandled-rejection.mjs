// A program with a connection's watch over rejections, in which one goes unhandled. It says what it lives to see.
import { watchRejections } from '../../../dist/chat/whatsapp/rejections.js'

const [what] = process.argv.slice(2)
const stop = watchRejections((reason) => console.log(`broken: ${reason}`))
if (what === 'handled') process.on('unhandledRejection', (error) => console.log(`host: ${error.message}`))
if (what === 'stopped') stop()
Promise.reject(what === 'library' || what === 'stopped' ? 'auth timeout' : new Error('a bug of the host'))
setTimeout(() => console.log('alive'), 100)
