/**
 * What Apertium gets and gives, as text. Pure.
 *
 * Its rules look across line ends and blank lines, so neighbours would change each other's translation, and one person's
 * words would leak into another's message. They do not look across the end of a sentence: every line is sent as a sentence
 * of its own, closed with ` .` and parted by blank lines (the answers then equal those to single requests, see
 * apertium.int.test.ts), and the closing is taken away again.
 *
 * Placeholders travel as [[7]]: Spanish to French moves every other kind of bracket apart from its number (in 19 of 150
 * texts; of this form 900 of 900 came back whole over six pairs).
 *
 * It marks words that it does not know (`*word`), cannot build (`#word`) or cannot carry over (`@word`), whatever one
 * asks. Such characters in the text itself are hidden behind placeholders first; all that come back are marks.
 */
export interface ApertiumUnits {
  readonly request: string;
  /** One text per text asked for; null where the answer does not have the shape of the request. */
  read(answer: string): string[] | null;
}

export function toUnits(texts: readonly string[]): ApertiumUnits {
  const hidden = hideMarks(texts);
  const lines = hidden.texts.map((text) => text.split("\n").map(trimLine));
  const sent = lines.flat().filter((line) => line.core !== "");
  return {
    request: sent.map((line) => line.core + CLOSING).join(PARTING),
    read(answer) {
      const units = answer.trim() === "" ? [] : answer.trim().split(/\n\s*\n/u);
      if (units.length !== sent.length || !units.every((unit) => CLOSED.test(unit))) return null;
      let next = 0;
      const open = (line: Line) =>
        line.core === "" ? line.before : line.before + (units[next++] ?? "").replace(CLOSED, "").trim() + line.after;
      return lines.map((own) => hidden.reveal(own.map(open).join("\n")));
    },
  };
}

const CLOSING = " .";
const PARTING = "\n\n";
const CLOSED = /\s*\.\s*$/u;
const PLACEHOLDER = /⟦(\d+)⟧/gu;
const TRAVELLING = /\[\[(\d+)\]\]/gu;
/** Marks, and what Apertium's stream format uses itself. */
const MARK_OR_SYNTAX = /[*#@^$~\\[\]]+/gu;
const MARKS = /[*#@]+(?=\S)/gu;

interface Line {
  readonly before: string;
  readonly core: string;
  readonly after: string;
}

function trimLine(line: string): Line {
  const core = line.trim();
  if (core === "") return { before: line, core, after: "" };
  const start = line.indexOf(core);
  return { before: line.slice(0, start), core, after: line.slice(start + core.length) };
}

/** Hidden characters get numbers above those of the texts; `reveal` removes the marks, then undoes all of it. */
function hideMarks(texts: readonly string[]): { texts: string[]; reveal: (text: string) => string } {
  const numbers = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => Number(match[1])));
  const first = 1 + Math.max(-1, ...numbers);
  const hidden: string[] = [];
  const hide = (found: string) => `⟦${first + hidden.push(found) - 1}⟧`;
  return {
    texts: texts.map((text) => text.replaceAll(MARK_OR_SYNTAX, hide).replaceAll(PLACEHOLDER, "[[$1]]")),
    reveal: (text) =>
      text
        .replaceAll(MARKS, "")
        .replaceAll(TRAVELLING, (_whole, number: string) => hidden[Number(number) - first] ?? `⟦${number}⟧`),
  };
}
