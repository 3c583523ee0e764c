import { afterEach, expect, test } from "vitest";
import { describeEngine, describeLies, type LyingEngine } from "../engine.conformance";
import { startEngineServer, type EngineServer } from "../testing/engine-server";
import { createGoogle } from "./google";

const open = async (): Promise<LyingEngine> => {
  const server = await startEngineServer("google");
  return {
    engine: createGoogle({ key: "a-key", projectId: null, endpoint: server.url }),
    pair: { from: "en", to: "es" },
    unsupported: { from: "en", to: "ko" },
    misbehave: server.behave,
    close: server.close,
  };
};

describeEngine("Google Cloud Translation", open);
describeLies("Google Cloud Translation", open);

let server: EngineServer | null = null;
afterEach(() => server?.close());

test("Google's own client asks for plain text, in one request, with the key, by Google's tags", async () => {
  server = await startEngineServer("google");
  const engine = createGoogle({ key: "a-key", projectId: null, endpoint: `${server.url}/` });
  const signal = AbortSignal.timeout(5_000);
  expect(await engine.translate({ texts: ["one", "<b>two</b>"], from: "he", to: "zh", signal })).toMatchObject({
    ok: true,
  });
  expect(server.asked).toEqual([
    { texts: ["one", "<b>two</b>"], from: "iw", to: "zh-CN", format: "text", key: "a-key" },
  ]);
});

test("a refused text is refused once: the client does not repeat it", async () => {
  server = await startEngineServer("google");
  const engine = createGoogle({ key: "a-key", projectId: null, endpoint: server.url });
  for (const [behaviour, reason] of [
    ["status 400", "refused"],
    ["status 500", "crashed"],
    ["status 429", "rate_limited"],
  ] as const) {
    server.behave(behaviour);
    const answer = await engine.translate({ texts: ["one"], from: "en", to: "es", signal: AbortSignal.timeout(5_000) });
    expect(answer).toMatchObject({ ok: false, error: { reason } });
  }
  expect(server.asked.length).toBe(3);
});
