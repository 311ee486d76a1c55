import type { Message, MessageAck } from 'whatsapp-web.js'
import type { Logger } from '../../kernel/log.ts'
import { Listeners } from './listeners.ts'

/** What a connection tells its listeners, whichever client it has at the time. */
export class Announcements {
  readonly message: Listeners<[Message]>
  readonly ownMessage: Listeners<[Message]>
  readonly ack: Listeners<[Message, MessageAck]>
  readonly ready: Listeners<[string]>
  readonly qr: Listeners<[string]>

  constructor(log: Logger) {
    this.message = new Listeners('a message', log)
    this.ownMessage = new Listeners('an own message', log)
    this.ack = new Listeners('an acknowledgement', log)
    this.ready = new Listeners('a new connection', log)
    this.qr = new Listeners('a QR code', log)
  }
}
