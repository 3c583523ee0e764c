import { LIMITS } from "@ashchat/contracts/limits";
import { between, pick, type Random } from "@ashchat/visitor/random";
import { mutate } from "./mutate";
import type { ProcedurePath } from "./paths";
import { PROCEDURES, type Procedure } from "./procedures";
import { sampleOf, type Vocabulary } from "./samples";

/** One request, and the procedures to which its wrong inputs go. */
export interface HostileRequest {
  readonly path: string;
  readonly init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string };
  readonly calls: readonly ProcedurePath[];
  /** Whether the procedures' door answers it, and not Next's router. */
  readonly isForProcedures: boolean;
}

const ROOT = "/api/trpc";
const JSON_TYPE = { "content-type": "application/json" };
/** Node takes 16 KiB of a request line and headers. */
const QUERY_CHARS_MAX = 12_000;
/** Ends the session that calls it, so it comes seldom. */
const ENDS_SESSION = "account.signOut";
const ENDING_EVERY = 50;

const ODD_PATHS = [
  ...["", "/", "/.", "/..", "/../auth/session", "/__proto__", "/constructor", "/account", "/account.", "/.me"],
  ...[
    "/account.me.x",
    "/account/me",
    "/account.__proto__",
    "/account.constructor",
    "/toString",
    "/%00",
    "/%2e%2e",
    "/%ff",
  ],
  ...[
    "/,,,,",
    "/account.me,",
    `/${",".repeat(500)}`,
    "/account.me%2Caccount.me",
    "/\u202e",
    "/x".repeat(200),
    "/$where",
  ],
].map((path) => encodeURI(path).replaceAll("%25", "%"));
const ODD_TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/json, text/plain",
  "application/octet-stream",
  "application/jsonx",
  "",
];
const ODD_METHODS = ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/** A request as no browser of ours would send it; each family stands for a way of being wrong. */
export function hostileRequest(vocabulary: Vocabulary, random: Random): HostileRequest {
  const roll = random();
  if (roll < 0.55) return batch(vocabulary, random, between(random, 2, LIMITS.trpcBatchMax));
  if (roll < 0.6) return batch(vocabulary, random, between(random, LIMITS.trpcBatchMax + 1, LIMITS.trpcBatchMax * 4));
  if (roll < 0.75) return post(one(vocabulary, random));
  if (roll < 0.87) return get(one(vocabulary, random));
  if (roll < 0.9)
    return { ...post(one(vocabulary, random)), path: `${ROOT}${pick(random, ODD_PATHS)}`, isForProcedures: false };
  if (roll < 0.94) return withType(post(one(vocabulary, random)), pick(random, ODD_TYPES));
  if (roll < 0.97) return oddBatch(one(vocabulary, random), random);
  const { path, calls } = post(one(vocabulary, random));
  return { path, calls, init: { method: pick(random, ODD_METHODS), headers: JSON_TYPE }, isForProcedures: false };
}

interface Wrong {
  readonly path: ProcedurePath;
  readonly json: string;
}

function one(vocabulary: Vocabulary, random: Random, among = PROCEDURES): Wrong {
  const procedure = pickProcedure(random, among);
  return { path: procedure.path, json: mutate(sampleOf(procedure.input, vocabulary, random), random) };
}

function pickProcedure(random: Random, among: readonly Procedure[]): Procedure {
  const procedure = pick(random, among);
  return procedure.path === ENDS_SESSION && random() > 1 / ENDING_EVERY ? pickProcedure(random, among) : procedure;
}

function post({ path, json }: Wrong): HostileRequest {
  return {
    path: `${ROOT}/${path}`,
    init: { method: "POST", headers: JSON_TYPE, body: json },
    calls: [path],
    isForProcedures: true,
  };
}

function get({ path, json }: Wrong): HostileRequest {
  const input = encodeURIComponent(toWellFormed(json)).slice(0, QUERY_CHARS_MAX);
  return {
    path: `${ROOT}/${path}?input=${input}`,
    init: { method: "GET", headers: JSON_TYPE },
    calls: [path],
    isForProcedures: true,
  };
}

function batch(vocabulary: Vocabulary, random: Random, count: number): HostileRequest {
  // Reads beside changes are refused as a whole.
  const isMutation = random() < 1 / 2;
  const kin = PROCEDURES.filter((procedure) => procedure.isMutation === isMutation);
  const calls = Array.from({ length: count }, () => one(vocabulary, random, kin));
  // One that is no JSON spoils the whole body, which has its own family.
  const body = `{${calls.map(({ json }, index) => `"${index}":${isJson(json) ? json : "0"}`).join(",")}}`;
  const path = `${ROOT}/${calls.map((call) => call.path).join(",")}?batch=1`;
  return {
    path,
    init: { method: "POST", headers: JSON_TYPE, body },
    calls: calls.map((call) => call.path),
    isForProcedures: true,
  };
}

/** Bodies that do not fit what the path says. */
function oddBatch({ path, json }: Wrong, random: Random): HostileRequest {
  const body = pick(random, [
    json,
    `[${json}]`,
    `{"1":${json}}`,
    `{"__proto__":${json}}`,
    `{"0":${json},"-1":0,"x":1}`,
    "{}",
    "0",
  ]);
  const flag = pick(random, ["1", "0", "true", "1&batch=1", "__proto__", ""]);
  return { ...post({ path, json: body }), path: `${ROOT}/${path}?batch=${flag}` };
}

function withType(request: HostileRequest, type: string): HostileRequest {
  return { ...request, init: { ...request.init, headers: type === "" ? {} : { "content-type": type } } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Lone surrogates cannot stand in an address. */
function toWellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "?");
}
