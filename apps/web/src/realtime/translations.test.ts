import { newClientId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import { expect, it } from "vitest";
import { ChatServer } from "./testing/chat-server";
import { atRest, createFakeClock } from "./testing/fake-clock";
import { createTranslationRequests } from "./translations";

it("P15: what was asked for in the language before is not shown when it arrives after the change", async () => {
  const server = new ChatServer();
  const [ana, ben] = server.people;
  const { roomId } = server;
  server.write(ben, "hello", newClientId());
  const clock = createFakeClock();
  const onTheirWay: (() => void)[] = [];
  const shown: number[] = [];
  const requests = createTranslationRequests({
    clock,
    api: {
      async translate(input) {
        const answer = await server.api(ana).translate(input);
        await new Promise<void>((arrive) => onTheirWay.push(arrive));
        return answer.ok ? ok(answer.value) : answer;
      },
    },
    onMessages: (_, messages) => void shown.push(...messages.map(({ seq }) => seq)),
  });
  requests.request(roomId, [1]);
  await clock.advance(1_000);
  requests.reset();
  onTheirWay.shift()?.();
  await atRest();
  expect(shown).toEqual([]);
  requests.request(roomId, [1]);
  await clock.advance(1_000);
  onTheirWay.shift()?.();
  await atRest();
  expect(shown).toEqual([1]);
});
