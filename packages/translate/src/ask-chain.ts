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
  return Promise.all(
    answers.map(async (answer, index) => {
      const ask = asks[index];
      const isLost = !answer.ok && answer.error.reason === "placeholder_lost";
      return isLost && ask !== undefined ? inPieces(chain, ask) : answer;
    }),
  );
}

async function inPieces(chain: Chain, ask: TextAsk): Promise<Result<ChainAnswer, EngineFailure>> {
  const { pieces, join } = cutAtPlaceholders(ask.source);
  const translated: string[] = [];
  let last: ChainAnswer | null = null;
  for (const batch of splitBatches(pieces, (piece) => piece)) {
    const answers = await chain.translate({
      from: ask.from,
      to: ask.to,
      texts: batch,
      check: (index, answer) => acceptPiece(batch[index] ?? "", answer),
    });
    for (const answer of answers) {
      if (!answer.ok) return answer.error.retryable ? answer : fail(lostForGood());
      translated.push(answer.value.text.trim());
      last = answer.value;
    }
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
