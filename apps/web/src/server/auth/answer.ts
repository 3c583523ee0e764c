/** The part of Node's response that next-auth writes to, and the standard Response that becomes of it. */
export interface Answer {
  readonly written: {
    status(code: number): Answer["written"];
    getHeader(name: string): string | string[] | undefined;
    setHeader(name: string, value: string | readonly string[]): Answer["written"];
    json(value: unknown): void;
    send(body: unknown): void;
    end(): void;
  };
  response(): Response;
}

const OK = 200;

export function createAnswer(): Answer {
  const headers = new Map<string, string | string[]>();
  let status = OK;
  let body: string | null = null;
  const written: Answer["written"] = {
    status: (code) => {
      status = code;
      return written;
    },
    getHeader: (name) => headers.get(name.toLowerCase()),
    setHeader: (name, value) => {
      headers.set(name.toLowerCase(), typeof value === "string" ? value : [...value]);
      return written;
    },
    json: (value) => {
      headers.set("content-type", "application/json");
      body = JSON.stringify(value);
    },
    send: (value) => {
      if (typeof value === "string" || value === undefined) body = value ?? null;
      else written.json(value);
    },
    end: () => undefined,
  };
  return { written, response: () => new Response(body, { status, headers: flat(headers) }) };
}

function flat(headers: ReadonlyMap<string, string | string[]>): [string, string][] {
  return [...headers].flatMap(([name, value]) =>
    typeof value === "string"
      ? [[name, value] satisfies [string, string]]
      : value.map((one): [string, string] => [name, one]),
  );
}
