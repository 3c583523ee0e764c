import * as z from "zod";

/** The environment does not fit the process's schema; the message has one line per problem and no value. */
export class EnvError extends Error {
  override readonly name = "EnvError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

type Source = Readonly<Record<string, string | undefined>>;

/** Which variables hold secrets, so that no print shows them. */
const secrets = z.registry<{ secret: true }>();
/** Variables that break a process on purpose or make it talk about itself. */
const TESTS_ONLY = ["CRASH_AT", "QUERY_RECORD_FOR_TEST", "SWEEP_DISABLED_FOR_TEST"];
const SECRET_CHARS_MIN = 32;
const PORT_MAX = 65_535;

/** Parses `source` (the process's own environment by default). An empty value counts as not set. Throws `EnvError`. */
export function parseEnv<Schema extends EnvSchema>(schema: Schema, source: Source = process.env): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(set);
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = issues.map((issue) => `${issue.path.join(".")}: ${describeIssue(issue, set)}`);
  if (set["NODE_ENV"] === "production") {
    for (const name of TESTS_ONLY) if (set[name] !== undefined) problems.push(`${name}: is refused in production`);
  }
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new EnvError(problems.sort());
}

/** The parsed values as they may be printed: secrets and passwords inside addresses replaced. */
export function describeEnv(schema: EnvSchema, env: Readonly<Record<string, unknown>>): Record<string, string> {
  const printable = Object.entries(schema.shape).flatMap(([name, part]): [string, string][] => {
    const value = env[name];
    if (value === undefined) return [];
    return [
      [
        name,
        secrets.has(part) ? "[redacted]" : withoutPassword(typeof value === "string" ? value : JSON.stringify(value)),
      ],
    ];
  });
  return Object.fromEntries(printable);
}

export function variablesOf(schema: EnvSchema): string[] {
  return Object.keys(schema.shape).sort();
}

export type EnvSchema = z.ZodObject;

export const text = () => z.string();
export const optionalText = () => z.string().optional();
export const port = (fallback: number) => z.coerce.number().int().min(0).max(PORT_MAX).default(fallback);
export const durationMs = (fallback: number) => z.coerce.number().int().positive().default(fallback);
export const flag = () => z.stringbool({ truthy: ["true", "1"], falsy: ["false", "0"] }).default(false);

/** At least 32 characters; there is no default, in no environment. */
export function secret() {
  const schema = z.string().min(SECRET_CHARS_MIN);
  secrets.add(schema, { secret: true });
  return schema;
}

export function optionalSecret() {
  const schema = z.string().optional();
  secrets.add(schema, { secret: true });
  return schema;
}

/** An address with one of these protocols, as it was written. */
export function address(...protocols: string[]) {
  return z.string().refine((value) => hasProtocol(value, protocols), {
    error: `must be an address that begins with ${protocols.map((name) => `${name}://`).join(" or ")}`,
  });
}

/** Words separated by commas, each one of `words`, in their order and without repetition. */
export function listOf<Word extends string>(words: readonly [Word, ...Word[]], fallback: Word[]) {
  return z
    .string()
    .transform((value) => splitList(value))
    .pipe(z.array(z.enum(words)).min(1))
    .default(fallback);
}

export function splitList(value: string): string[] {
  return [...new Set(value.split(",").map((word) => word.trim()))].filter((word) => word !== "");
}

/** The variables that every process reads, and its own. */
export function processEnv<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ ...baseShape(), ...shape });
}

function baseShape() {
  return {
    NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
    LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
    LOG_PRETTY: flag(),
    NAMESPACE: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, "may have 1 to 40 lower-case letters, digits, - and _")
      .default("ashchat"),
    INTERNAL_HOST: z.string().default("127.0.0.1"),
    SHUTDOWN_TIMEOUT_MS: durationMs(10_000),
    CRASH_AT: z
      .string()
      .regex(/^(?:[a-z_.]+(:[1-9]\d*)?|@\/.+)$/, "must be the name of a step, name:count, or @ and the path of a file")
      .optional(),
  };
}

function describeIssue(issue: z.core.$ZodIssue, set: Source): string {
  const name = issue.path[0];
  return typeof name === "string" && set[name] === undefined ? "is required" : issue.message;
}

function hasProtocol(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol.replace(/:$/, ""));
}

function withoutPassword(value: string): string {
  return value.replace(/(\w:\/\/[^/\s:@]*):[^@\s]*@/g, "$1:[redacted]@");
}
