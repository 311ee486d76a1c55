/** `18:00 Berlin` is a time there; a name may be of several words. */
export function isPlaceOfZone(words: readonly string[]): boolean {
  const said = words.slice(0, MOST_OF_PLACE).join(' ').toLowerCase()
  return placeNames().some((place) => said === place || said.startsWith(`${place} `) || said.startsWith(`${place},`))
}
const MOST_OF_PLACE = 4

let places: readonly string[] | undefined

/** Of the world's time zones and countries, with what Unicode calls otherwise. */
function placeNames(): readonly string[] {
  places ??= [...zoneNames(), ...countryNames(), ...OTHER_PLACES].map((place) => place.toLowerCase())
  return places
}

/** But for stations that nobody lives in, one of which is called Troll. */
const zoneNames = (): string[] =>
  Intl.supportedValuesOf('timeZone')
    .filter((zone) => !zone.startsWith('Antarctica/'))
    .map((zone) => zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' '))

function countryNames(): string[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  return letters.flatMap((one) => letters.flatMap((other) => names.of(one + other) ?? []))
}

const OTHER_PLACES =
  'NYC,LA,SF,DC,UK,US,USA,UAE,Kyiv,Delhi,New Delhi,Mumbai,Beijing,Munich,Frankfurt,Milan,Geneva,Barcelona,Boston,Seattle,Washington,San Francisco'.split(
    ',',
  )
