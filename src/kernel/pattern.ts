/** Text as a part of a regular expression that stands for nothing but itself, with any flags. */
export const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
