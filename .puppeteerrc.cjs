// A browser is found at run time (src/chat/whatsapp/browser.ts), so installing needs no download.
module.exports = { skipDownload: true }
