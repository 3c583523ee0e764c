/** How many --avatar-N tokens there are. */
const TONES = 8;

/** 1 … 8, always the same for the same seed. */
export function avatarTone(seed: string): number {
  let hash = 0;
  for (const character of seed) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return (Math.abs(hash) % TONES) + 1;
}

/** First letters of the first and the last word, by grapheme; a word that begins with no letter or number is passed over. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const [first] = words;
  if (first === undefined) return firstGrapheme(name.trim());
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (firstGrapheme(first) + (last === undefined ? "" : firstGrapheme(last))).toLocaleUpperCase();
}

function firstGrapheme(text: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text);
  return first?.segment ?? "";
}
