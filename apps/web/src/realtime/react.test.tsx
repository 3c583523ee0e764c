// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { newClientId } from "@ashchat/contracts/ids";
import { act, cleanup, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, it } from "vitest";
import { createRealtimeClient } from "./client";
import { RealtimeProvider, useConnection, useRealtime, useRoom, useRooms } from "./react";
import { createMemoryStore } from "./outbox-store";
import { ChatServer } from "./testing/chat-server";
import { createFakeClock, until } from "./testing/fake-clock";
import { createBrowser, createFakeSignals } from "./testing/tabs";

afterEach(cleanup);

function setUp() {
  const server = new ChatServer();
  const [userId] = server.people;
  const { locks, openChannel } = createBrowser();
  const client = createRealtimeClient({
    api: server.api(userId),
    me: server.me(userId),
    environment: {
      clock: createFakeClock(),
      signals: createFakeSignals(),
      locks,
      openChannel,
      openSocket: (_url, events) => server.openSocket(userId, events),
    },
    openStore: () => createMemoryStore(),
  });
  return { server, client };
}

function Screen({ server }: { server: ChatServer }) {
  const { conversation, summary } = useRoom(server.roomId);
  const { rooms, status } = useRooms();
  const connection = useConnection();
  const client = useRealtime();
  return (
    <>
      <p>{`${connection.status} ${status} ${rooms.length}`}</p>
      <h1>{summary?.name}</h1>
      <ul>
        {conversation?.messages.map((message) => (
          <li key={message.seq}>{message.text}</li>
        ))}
      </ul>
      <ul>
        {conversation?.pending.map((entry) => (
          <li key={entry.clientId}>{`… ${entry.text}`}</li>
        ))}
      </ul>
      <button onClick={() => client.send(server.roomId, "from the button")}>Send</button>
    </>
  );
}

it("shows what the client knows, also when mounted twice as in development", async () => {
  const { server, client } = setUp();
  render(
    <StrictMode>
      <RealtimeProvider client={client}>
        <Screen server={server} />
      </RealtimeProvider>
    </StrictMode>,
  );
  await act(() => until(() => client.getSnapshot().connection.status === "live"));
  expect(screen.getByText("live ready 1")).toBeDefined();
  expect(screen.getByRole("heading").textContent).toBe("Ben");
  await act(async () => void server.write(server.people[1], "hello", newClientId()));
  expect(screen.getByText("hello")).toBeDefined();
  await act(async () => screen.getByRole("button").click());
  await act(() => until(() => server.messages.length === 2));
  await act(() => until(() => client.getSnapshot().conversations.get(server.roomId)?.messages.length === 2));
  expect(screen.getAllByText(/from the button/)).toHaveLength(1);
});

it("leaves nothing open after it was unmounted", async () => {
  const { server, client } = setUp();
  const { unmount } = render(
    <RealtimeProvider client={client}>
      <Screen server={server} />
    </RealtimeProvider>,
  );
  await act(() => until(() => client.getSnapshot().connection.status === "live"));
  unmount();
  expect(server.openLines).toBe(0);
  expect(client.getSnapshot().conversations.size).toBe(0);
});
