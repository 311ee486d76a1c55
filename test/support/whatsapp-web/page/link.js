// The line to the stand-in's server in Node, which plays WhatsApp's servers and the telephones. A WebSocket, because the
// library intercepts every other request of the page, which would make uploads fifteen times slower.

const server = new URL(import.meta.url).host
let socket

/** Calls `onCommand` for everything that the server says, beginning with `hello`. */
export function connect(session, onCommand) {
  socket = new WebSocket(`ws://${server}/?session=${session ?? ''}`)
  socket.onmessage = ({ data }) => onCommand(JSON.parse(data))
}

export function tell(report) {
  socket.send(JSON.stringify(report))
}

/** The name, then the bytes. */
export function upload(hash, blob) {
  tell({ did: 'upload', hash })
  socket.send(blob)
}

/** Blocks the page's only thread until the server answers: exactly what a hung page does, without burning a core. */
export function hang() {
  const request = new XMLHttpRequest()
  request.open('GET', `http://${server}/hang`, false)
  request.send()
}
