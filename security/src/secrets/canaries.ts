/** What must not be found, in every form in which it could have been written down. */
export interface Canary {
  readonly kind: "password" | "code" | "ticket" | "session" | "email" | "text";
  readonly value: string;
}

export interface Finding {
  readonly kind: Canary["kind"];
  readonly form: string;
  /** A file, a queue, a key, a command. */
  readonly place: string;
}

/** One searcher for any number of places. */
export function createSearch(canaries: readonly Canary[]): (place: string, content: string) => Finding[] {
  const needles = canaries.flatMap(({ kind, value }) =>
    formsOf(value).map(({ form, text }) => ({ kind, form, pattern: patternOf(kind, text) })),
  );
  return (place, content) =>
    needles.filter(({ pattern }) => pattern.test(content)).map(({ kind, form }) => ({ kind, form, place }));
}

function formsOf(value: string): { form: string; text: string }[] {
  const once = JSON.stringify(value).slice(1, -1);
  const forms = {
    raw: value,
    json: once,
    "json in json": JSON.stringify(once).slice(1, -1),
    ascii: once.replaceAll(/[^\u0020-\u007e]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
    url: encodeURIComponent(value),
    hex: Buffer.from(value).toString("hex"),
    bytes: [...Buffer.from(value)].join(","),
  };
  const plain = Object.entries(forms).map(([form, text]) => ({ form, text }));
  return [...plain, ...base64Forms(value)].filter(
    ({ text }, index, all) => all.findIndex((one) => one.text === text) === index,
  );
}

/** At each of the three places that it can have within what was encoded, without the characters that depend on neighbours. */
function base64Forms(value: string): { form: string; text: string }[] {
  const bytes = Buffer.from(value);
  // Six digits leave four characters, which stand in any longer text by chance.
  if (bytes.length < 10) return [{ form: "base64", text: bytes.toString("base64") }];
  return [0, 1, 2].flatMap((offset) => {
    const whole = bytes.subarray((3 - offset) % 3);
    const encoded = whole.subarray(0, whole.length - (whole.length % 3)).toString("base64");
    return [
      { form: `base64 at ${offset}`, text: encoded },
      { form: `base64url at ${offset}`, text: encoded.replaceAll("+", "-").replaceAll("/", "_") },
    ];
  });
}

/** A code is a number of its own, not six digits of a longer one. */
function patternOf(kind: Canary["kind"], text: string): RegExp {
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\/]/gu, "\\$&");
  return new RegExp(kind === "code" && /^\d+$/u.test(text) ? `(?<![\\d.])${escaped}(?![\\d.])` : escaped, "iu");
}
