// @vitest-environment happy-dom
import { newClientId } from "@ashchat/contracts/ids";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it, vi } from "vitest";
import type { RealtimeClient } from "../../realtime/client";
import { createRealtimeClient } from "../../realtime/client";
import { createMemoryStore } from "../../realtime/outbox-store";
import { RealtimeProvider } from "../../realtime/react";
import type { Conversation } from "../../realtime/state";
import { ChatServer } from "../../realtime/testing/chat-server";
import { createFakeClock, until } from "../../realtime/testing/fake-clock";
import { createBrowser, createFakeSignals } from "../../realtime/testing/tabs";
import { useUnreadPage } from "./use-unread-page";
import { useViewEffects } from "./use-view-effects";

/** A room of 120 messages, read up to the tenth, of which the newest page is loaded. */
async function openRoom() {
  const server = new ChatServer();
  const [ana, ben] = server.people;
  for (let seq = 1; seq <= 120; seq += 1) server.write(ben, String(seq), newClientId());
  server.mark(ana, { deliveredSeq: 10, readSeq: 10 });
  const { locks, openChannel } = createBrowser();
  const client = createRealtimeClient({
    api: server.api(ana),
    me: server.me(ana),
    environment: {
      clock: createFakeClock(),
      signals: createFakeSignals(),
      locks,
      openChannel,
      openSocket: (_url, events) => server.openSocket(ana, events),
    },
    openStore: () => createMemoryStore(),
  });
  client.start();
  client.openRoom(server.roomId);
  const conversation = (): Conversation => {
    const found = client.getSnapshot().conversations.get(server.roomId);
    if (found === undefined) throw new Error("the room is not open");
    return found;
  };
  await until(() => conversation().status === "ready" && !conversation().isLoadingOlder);
  return { server, client, conversation };
}

function within(client: RealtimeClient) {
  return {
    wrapper: ({ children }: { children: ReactNode }) => <RealtimeProvider client={client}>{children}</RealtimeProvider>,
  };
}

async function openWithoutUnreadPage() {
  const room = await openRoom();
  const { server, client, conversation } = room;
  expect(conversation().messages[0]?.seq).toBeGreaterThan(11);
  server.isHttpUp = false;
  const hook = renderHook(() => useUnreadPage(conversation(), 10), within(client));
  await waitFor(() => expect(hook.result.current.isFetching).toBe(false));
  return { ...room, hook };
}

it("the page of the first unread message is fetched and may be read", async () => {
  const { client, conversation } = await openRoom();
  const { result } = renderHook(() => useUnreadPage(conversation(), 10), within(client));
  expect(result.current.isFetching).toBe(true);
  await waitFor(() => expect(result.current).toMatchObject({ isFetching: false, mayMark: true }));
  expect(conversation().messages.some(({ seq }) => seq === 11)).toBe(true);
  client.stop();
});

it("P9: where it could not be fetched nothing is read until what lies between was on this device", async () => {
  const { server, client, conversation, hook } = await openWithoutUnreadPage();
  expect(hook.result.current.mayMark).toBe(false);
  server.isHttpUp = true;
  while ((conversation().messages[0]?.seq ?? 0) > 11) {
    client.loadOlder(server.roomId);
    await until(() => !conversation().isLoadingOlder);
  }
  hook.rerender();
  expect(hook.result.current.mayMark).toBe(true);
  client.stop();
});

it("P9: who goes to the end by their own wish has read what lies between, also where it could not be fetched", async () => {
  const { client, hook } = await openWithoutUnreadPage();
  act(() => hook.result.current.skip());
  expect(hook.result.current.mayMark).toBe(true);
  client.stop();
});

it("P9: what is seen is marked as read only where it may be", async () => {
  const { server, client, conversation } = await openRoom();
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  const me = client.getSnapshot().me;
  const { result, rerender } = renderHook(({ mayMark }) => useViewEffects(server.roomId, me, mayMark), {
    ...within(client),
    initialProps: { mayMark: false },
  });
  const [message] = conversation().messages.slice(-1);
  if (message === undefined) throw new Error("nothing is loaded");
  const rows = [{ kind: "message", key: "last", message, own: false, startsGroup: true, endsGroup: true }] as const;
  result.current(rows);
  window.dispatchEvent(new Event("focus"));
  expect(conversation().readSeq).toBe(10);
  rerender({ mayMark: true });
  result.current(rows);
  expect(conversation().readSeq).toBe(120);
  vi.restoreAllMocks();
  client.stop();
});
