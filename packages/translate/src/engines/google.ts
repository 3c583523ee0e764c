import { LANGUAGES } from "@ashchat/contracts/languages";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Translate } from "@google-cloud/translate/build/src/v2";
import * as z from "zod";
import { engineFailure, type Engine, type EngineFailure, type LanguagePair, type TranslateRequest } from "../engine";
import { googleTags, tagOf } from "./language-tags";
import { failureOf, reasonOfStatus } from "./request-json";

export interface GoogleOptions {
  /** Null: application default credentials (GOOGLE_APPLICATION_CREDENTIALS, which the client reads itself). */
  readonly key: string | null;
  readonly projectId: string | null;
  /** The whole address of the API, such as `http://127.0.0.1:9000/language/translate/v2`; null for Google's own. */
  readonly endpoint: string | null;
}

const languagesSchema = z.object({ data: z.object({ languages: z.array(z.object({ language: z.string() })) }) });
const translationsSchema = z.object({
  data: z.object({ translations: z.array(z.object({ translatedText: z.string() })) }),
});

const clientErrorSchema = z.object({
  code: z.union([z.number(), z.string()]).optional(),
  response: z.object({ statusCode: z.number() }).optional(),
});

/**
 * Google Cloud Translation through Google's own client, API v2: plain JSON over HTTP, so that a local server can stand in,
 * and an API key is enough. `format: text` always, or apostrophes come back as HTML entities. Requests go through the
 * client's `request`, because its `translate` and `getLanguages` throw in a callback, out of anybody's reach, when an
 * answer has another shape.
 */
export function createGoogle(options: GoogleOptions): Engine {
  let opening: Promise<Translate> | null = null;
  let known: ReadonlySet<string> | null = null;
  // The client takes 80 MB: only who uses it pays for it.
  const client = () => (opening ??= openClient(options));

  async function askLanguages(signal: AbortSignal): Promise<Result<ReadonlySet<string>, EngineFailure>> {
    const answer = await ask(client(), { method: "GET", uri: "/languages", qs: {} }, signal);
    if (!answer.ok) return answer;
    const parsed = languagesSchema.safeParse(answer.value);
    if (!parsed.success) return fail(engineFailure("malformed", "the list of languages has another shape"));
    known = new Set(parsed.data.data.languages.map((language) => language.language));
    return ok(known);
  }

  async function translate(request: TranslateRequest): Promise<Result<readonly string[], EngineFailure>> {
    const tags = known === null ? await askLanguages(request.signal) : ok(known);
    if (!tags.ok) return tags;
    const from = tagOf(googleTags, request.from, tags.value);
    const to = tagOf(googleTags, request.to, tags.value);
    if (from === null || to === null) {
      return fail(engineFailure("unsupported", `Google has no ${request.from}>${request.to}`));
    }
    const json = { q: request.texts, source: from, target: to, format: "text" };
    const answer = await ask(client(), { method: "POST", uri: "", json }, request.signal);
    if (!answer.ok) return answer;
    const parsed = translationsSchema.safeParse(answer.value);
    return parsed.success
      ? ok(parsed.data.data.translations.map((translation) => translation.translatedText))
      : fail(engineFailure("malformed", "the translation has another shape"));
  }

  return {
    name: "google",
    version: "v2",
    offline: false,
    async supports(signal) {
      const tags = await askLanguages(signal);
      return tags.ok ? ok(pairsOf(tags.value)) : tags;
    },
    translate,
  };
}

async function openClient(options: GoogleOptions): Promise<Translate> {
  const { Translate } = await import("@google-cloud/translate/build/src/v2/index.js");
  const client = new Translate({
    ...(options.key === null ? {} : { key: options.key }),
    ...(options.projectId === null ? {} : { projectId: options.projectId }),
    // Whether to ask again is the queue's to decide.
    autoRetry: false,
    maxRetries: 0,
  });
  if (options.endpoint !== null) client.baseUrl = options.endpoint.replace(/\/+$/u, "");
  return client;
}

type ClientRequest = Parameters<Translate["request"]>[0];

/** The client knows no abort signal: the signal ends the waiting, and what comes later is dropped. */
async function ask(
  opening: Promise<Translate>,
  request: ClientRequest,
  signal: AbortSignal,
): Promise<Result<unknown, EngineFailure>> {
  try {
    const client = await opening;
    return await new Promise((resolve) => {
      const giveUp = () => resolve(fail(engineFailure("timeout", "no answer in time")));
      if (signal.aborted) return giveUp();
      signal.addEventListener("abort", giveUp, { once: true });
      client.request(request, (error, body) => {
        signal.removeEventListener("abort", giveUp);
        resolve(error === null ? ok(body) : fail(failureOfClient(error, signal)));
      });
    });
  } catch (error) {
    return fail(failureOfClient(error, signal));
  }
}

/** The client's errors carry the HTTP status as `code` or in `response`, connection errors a name such as ECONNREFUSED. */
function failureOfClient(error: unknown, signal: AbortSignal): EngineFailure {
  const parsed = clientErrorSchema.safeParse(error);
  const status = parsed.data?.response?.statusCode ?? parsed.data?.code;
  if (typeof status === "number" && status >= 400)
    return engineFailure(reasonOfStatus(status), `HTTP status ${status}`);
  if (error instanceof SyntaxError) return engineFailure("malformed", "the answer is not JSON");
  return failureOf(error, signal);
}

function pairsOf(tags: ReadonlySet<string>): LanguagePair[] {
  const ours = LANGUAGES.filter((language) => tagOf(googleTags, language, tags) !== null);
  return ours.flatMap((from) => ours.filter((to) => to !== from).map((to) => ({ from, to })));
}
