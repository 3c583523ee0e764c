/** A stretch of a message: plain, or an address that can be opened. */
export interface TextPart {
  text: string;
  href: string | null;
}

/** Only addresses that name their scheme, and only these two: nothing that runs code or guesses what was meant. */
const ADDRESS = /https?:\/\/[^\s<>"“”«»⟦⟧]+/giu;
/** What ends a sentence does not end an address. */
const SENTENCE_END = /[.,;:!?'’…،؛؟。、]/u;
const BRACKETS = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
] as const;

/** The text in order, without loss: joined, the parts are the text again. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutSentenceEnd(found);
    if (!isAddress(address)) continue;
    if (index > done) parts.push({ text: text.slice(done, index), href: null });
    parts.push({ text: address, href: address });
    done = index + address.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done), href: null });
  return parts;
}

/** "(see https://example.org/a_(b))." keeps the bracket that it opened itself. */
function withoutSentenceEnd(found: string): string {
  const unopened = new Map<string, number>(
    BRACKETS.map(([open, close]) => [close, count(found, close) - count(found, open)]),
  );
  let end = found.length;
  for (;;) {
    const last = found.charAt(end - 1);
    const left = unopened.get(last) ?? 0;
    if (left > 0) unopened.set(last, left - 1);
    else if (!SENTENCE_END.test(last)) return found.slice(0, end);
    end -= 1;
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** A name or password before the host would make one site look like another. */
function isAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password, hostname } = new URL(address);
  return hostname !== "" && username === "" && password === "";
}
