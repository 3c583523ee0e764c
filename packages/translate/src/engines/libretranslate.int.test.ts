import { afterEach, expect, test } from "vitest";
import { describeEngine, describeLies, type LyingEngine } from "../engine.conformance";
import { startEngineServer, type EngineServer } from "../testing/engine-server";
import { createLibreTranslate } from "./libretranslate";

const open = async (): Promise<LyingEngine> => {
  const server = await startEngineServer("libretranslate");
  return {
    engine: createLibreTranslate({ url: server.url, apiKey: null }),
    pair: { from: "en", to: "es" },
    unsupported: { from: "en", to: "ko" },
    misbehave: server.behave,
    close: server.close,
  };
};

describeEngine("LibreTranslate", open);
describeLies("LibreTranslate", open);

let server: EngineServer | null = null;
afterEach(() => server?.close());

test("texts go as a list of plain text, with the key, by the server's own tags", async () => {
  server = await startEngineServer("libretranslate");
  const engine = createLibreTranslate({ url: server.url, apiKey: "a-key" });
  const signal = AbortSignal.timeout(5_000);
  expect(await engine.translate({ texts: ["one", "two"], from: "en", to: "zh", signal })).toMatchObject({ ok: true });
  expect(server.asked).toEqual([{ texts: ["one", "two"], from: "en", to: "zh-Hans", format: "text", key: "a-key" }]);
});

test("an answer over the limit is not read to its end", async () => {
  server = await startEngineServer("libretranslate", "too large");
  const engine = createLibreTranslate({ url: server.url, apiKey: null });
  const answer = await engine.translate({ texts: ["one"], from: "en", to: "es", signal: AbortSignal.timeout(5_000) });
  expect(answer).toMatchObject({ ok: false, error: { reason: "malformed" } });
});
