/** First strong isolate and its end: what stands between has a direction of its own and disturbs nothing around it. */
const BEGIN = "\u2068";
const END = "\u2069";

/** A name inside a sentence that may run the other way: `<bdi>` for places where only text can stand. */
export function isolated(name: string): string {
  return `${BEGIN}${name}${END}`;
}
