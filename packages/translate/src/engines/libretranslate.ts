import { LANGUAGES, type Language } from "@ashchat/contracts/languages";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import * as z from "zod";
import { engineFailure, type Engine, type EngineFailure, type LanguagePair, type TranslateRequest } from "../engine";
import { libretranslateTags, tagOf } from "./language-tags";
import { addressOf, requestJson } from "./request-json";

export interface LibreTranslateOptions {
  readonly url: string;
  readonly apiKey: string | null;
}

const languagesSchema = z.array(z.object({ code: z.string(), targets: z.array(z.string()).optional() }));
const translationSchema = z.object({ translatedText: z.array(z.string()) });
type Offer = z.infer<typeof languagesSchema>;

/** Any server that speaks LibreTranslate's API; whether it is offline depends on whose it is, so it is not called so. */
export function createLibreTranslate(options: LibreTranslateOptions): Engine {
  let known: Offer | null = null;

  async function askOffer(signal: AbortSignal): Promise<Result<Offer, EngineFailure>> {
    const answer = await requestJson({ url: addressOf(options.url, "languages"), body: null, signal });
    if (!answer.ok) return answer;
    const parsed = languagesSchema.safeParse(answer.value);
    if (!parsed.success) return fail(engineFailure("malformed", "the list of languages has another shape"));
    known = parsed.data;
    return ok(parsed.data);
  }

  async function translate(request: TranslateRequest): Promise<Result<readonly string[], EngineFailure>> {
    const offer = known === null ? await askOffer(request.signal) : ok(known);
    if (!offer.ok) return offer;
    const tags = tagsOf(offer.value, request);
    if (tags === null) return fail(engineFailure("unsupported", `LibreTranslate has no ${request.from}>${request.to}`));
    const key = options.apiKey === null ? {} : { api_key: options.apiKey };
    const body = { q: request.texts, source: tags.source, target: tags.target, format: "text", ...key };
    const answer = await requestJson({ url: addressOf(options.url, "translate"), body, signal: request.signal });
    if (!answer.ok) return answer;
    const parsed = translationSchema.safeParse(answer.value);
    return parsed.success
      ? ok(parsed.data.translatedText)
      : fail(engineFailure("malformed", "the translation has another shape"));
  }

  return {
    name: "libretranslate",
    version: "1",
    offline: false,
    async supports(signal) {
      const offer = await askOffer(signal);
      return offer.ok ? ok(pairsOf(offer.value)) : offer;
    },
    translate,
  };
}

/** Their names for both sides; null when they cannot. Older servers do not list targets: each into each. */
function tagsOf(offer: Offer, pair: LanguagePair): { source: string; target: string } | null {
  const source = tagOf(libretranslateTags, pair.from, new Set(offer.map((language) => language.code)));
  const entry = offer.find((language) => language.code === source);
  if (source === null || entry === undefined) return null;
  const targets = entry.targets ?? offer.map((language) => language.code);
  const target = tagOf(libretranslateTags, pair.to, new Set(targets));
  return target === null || target === source ? null : { source, target };
}

function pairsOf(offer: Offer): LanguagePair[] {
  const all = LANGUAGES.flatMap((from: Language) => LANGUAGES.map((to) => ({ from, to })));
  return all.filter((pair) => pair.from !== pair.to && tagsOf(offer, pair) !== null);
}
