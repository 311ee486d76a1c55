// Prints the key of secret settings in `directory`, asked for once a line comes in on stdin, so that several processes
// make it at once.
import { once } from 'node:events'
import { keyIn } from '../../../dist/settings/secret-box.js'

const [directory] = process.argv.slice(2)
console.log('ready')
await once(process.stdin, 'data')
process.stdin.pause()
console.log(keyIn(directory).toString('hex'))
