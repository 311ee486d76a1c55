// A linked device keeps its keys in the browser's profile, in IndexedDB, and so does this page: with the same profile
// directory it starts linked. IndexedDB and not localStorage, which a killed browser forgets for up to five seconds.

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('session')
    request.onupgradeneeded = () => request.result.createObjectStore('keys')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function run(mode, action) {
  const database = await open()
  return new Promise((resolve, reject) => {
    const transaction = database.transaction('keys', mode, { durability: 'strict' })
    const request = action(transaction.objectStore('keys'))
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error)
  }).finally(() => database.close())
}

// After a logout the library deletes the profile under the open browser. Then the session lives for this page only.
const ignore = () => undefined

export const loadSession = () => run('readonly', (keys) => keys.get('device')).catch(ignore)
export const saveSession = (device) => run('readwrite', (keys) => keys.put(device, 'device')).catch(ignore)
export const forgetSession = () => run('readwrite', (keys) => keys.delete('device')).catch(ignore)
