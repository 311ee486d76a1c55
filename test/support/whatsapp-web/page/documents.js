// What happens to a document before its message is sent: the library wraps it, prepares it and uploads it, in the steps
// of WhatsApp Web. Here only the upload does anything.

import { upload } from './link.js'

/** WhatsApp's wrapper of a Blob. The blob is private, because the library copies all own properties into the message. */
export class OpaqueData {
  #blob
  static async createFromData(blob) {
    const data = new OpaqueData()
    data.#blob = blob
    return data
  }
  get blob() {
    return this.#blob
  }
  url() {
    return ''
  }
  autorelease() {}
}

class MediaData {
  constructor(fields) {
    Object.assign(this, fields)
  }
  set(fields) {
    Object.assign(this, fields)
  }
  toJSON() {
    return { ...this, mediaBlob: undefined }
  }
}

const mediaObjects = new Map()

export function prepRawMedia(opaqueData, { asDocument }) {
  const file = opaqueData.blob
  const kind = file.type.split('/')[0]
  const type = !asDocument && ['image', 'video', 'audio'].includes(kind) ? kind : 'document'
  const filehash = crypto.randomUUID()
  mediaObjects.set(filehash, { filehash, size: file.size, type, blob: file, consolidate() {} })
  const data = { type, filehash, filename: file.name, mimetype: file.type, size: file.size, mediaBlob: opaqueData }
  return { waitForPrep: async () => new MediaData(data) }
}

export const getOrCreateMediaObject = (filehash) => mediaObjects.get(filehash)

/** `directPath` is how the library tells that a message has media. Here it is the name of the upload. */
export async function uploadMedia({ mediaObject }) {
  upload(mediaObject.filehash, mediaObject.blob)
  mediaObjects.delete(mediaObject.filehash)
  return { mediaEntry: { directPath: mediaObject.filehash } }
}
