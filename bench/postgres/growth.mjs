// @ts-check

/** @typedef {import('../measure.mjs').Figure} Figure */

/**
 * What each figure of a larger trail is beside the same of a smaller one.
 * @param {readonly Figure[]} small
 * @param {readonly Figure[]} large
 * @returns {Figure[]}
 */
export function growth(small, large) {
  // What is named by how many there were is found by its place.
  return large.map(({ name, value, unit }, index) => ({
    name,
    value,
    unit,
    against: 'the smaller trail',
    limit: small[index]?.value ?? Number.NaN,
  }))
}
