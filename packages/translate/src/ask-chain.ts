import { fail, ok, type Result } from "@ashchat/contracts/result";
import { accept, acceptPiece } from "./accept";
import { splitBatches } from "./batches";
import type { Chain, ChainAnswer } from "./chain";
import { engineFailure, type EngineFailure, type LanguagePair } from "./engine";
import { cutAtPlaceholders, type ProtectedText } from "./protect";

/** A text that needs an engine. */
export interface TextAsk extends LanguagePair {
  readonly source: ProtectedText;
}

/** Engines in order; where they lose a placeholder, once more in pieces. */
export async function askChain(chain: Chain, asks: readonly TextAsk[]): Promise<Result<ChainAnswer, EngineFailure>[]> {
  const [first] = asks;
  if (first === undefined) return [];
  const sources = asks.map((ask) => ask.source);
  const answers = await chain.translate({
    from: first.from,
    to: first.to,
    texts: sources.map((source) => source.text),
    check: (index, answer) => check(sources[index], answer),
  });
  const lost = [...answers.keys()].filter((index) => isLost(answers[index]));
  const mended = await inPieces(
    chain,
    lost.map((index) => asks[index] ?? first),
  );
  const mendedAt = new Map(lost.map((index, at) => [index, mended[at] ?? fail(lostForGood())]));
  return answers.map((answer, index) => mendedAt.get(index) ?? answer);
}

function isLost(answer: Result<ChainAnswer, EngineFailure> | undefined): boolean {
  return answer?.ok === false && answer.error.reason === "placeholder_lost";
}

/** The pieces of all texts together, in as few requests as the texts themselves would need. */
async function inPieces(chain: Chain, asks: readonly TextAsk[]): Promise<Result<ChainAnswer, EngineFailure>[]> {
  const cuts = asks.map((ask) => cutAtPlaceholders(ask.source));
  const answers = await askPieces(
    chain,
    asks,
    cuts.flatMap((cut) => cut.pieces),
  );
  let next = 0;
  return asks.map((ask, index) => {
    const cut = cuts[index];
    if (cut === undefined) return fail(lostForGood());
    return joined(ask, cut.join, answers.slice(next, (next += cut.pieces.length)));
  });
}

/** One result per piece in order. Where a whole batch fails for now the rest is not asked: it would fare the same. */
async function askPieces(
  chain: Chain,
  [first]: readonly TextAsk[],
  pieces: readonly string[],
): Promise<Result<ChainAnswer, EngineFailure>[]> {
  const answers: Result<ChainAnswer, EngineFailure>[] = [];
  if (first === undefined) return answers;
  let broken: EngineFailure | null = null;
  for (const batch of splitBatches(pieces, (piece) => piece)) {
    const own: Result<ChainAnswer, EngineFailure>[] =
      broken !== null
        ? batch.map(() => fail(broken ?? lostForGood()))
        : await chain.translate({
            from: first.from,
            to: first.to,
            texts: batch,
            check: (index, answer) => acceptPiece(batch[index] ?? "", answer),
          });
    answers.push(...own);
    broken ??= failureOfAll(own);
  }
  return answers;
}

/** The failure of a batch of which every text failed for now, else null. */
function failureOfAll(answers: readonly Result<ChainAnswer, EngineFailure>[]): EngineFailure | null {
  const failures = answers.flatMap((answer) => (!answer.ok && answer.error.retryable ? [answer.error] : []));
  return failures.length === answers.length ? (failures[0] ?? null) : null;
}

function joined(
  ask: TextAsk,
  join: (pieces: readonly string[]) => string,
  answers: readonly Result<ChainAnswer, EngineFailure>[],
): Result<ChainAnswer, EngineFailure> {
  const translated: string[] = [];
  let last: ChainAnswer | null = null;
  for (const answer of answers) {
    if (!answer.ok) return answer.error.retryable ? answer : fail(lostForGood());
    translated.push(answer.value.text.trim());
    last = answer.value;
  }
  const text = join(translated);
  return last !== null && accept(ask.source, text).ok ? ok({ ...last, text }) : fail(lostForGood());
}

function lostForGood(): EngineFailure {
  return engineFailure("placeholder_lost", "neither the text nor its pieces came back whole");
}

function check(source: ProtectedText | undefined, answer: string): Result<unknown, EngineFailure> {
  return source === undefined ? fail(engineFailure("malformed", "an answer to nothing")) : accept(source, answer);
}
