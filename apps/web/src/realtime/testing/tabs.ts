import type { UserId } from "@ashchat/contracts/ids";
import type { RoomView } from "@ashchat/contracts/room";
import type { RealtimeClient } from "../client";
import { createRealtimeClient } from "../client";
import type { Conversation } from "../state";
import type { Environment, Locks, Signals, TabChannel } from "../environment";
import { createMemoryLocks } from "../environment";
import { openIndexedDbStore } from "../outbox-store";
import { createResilientStore } from "../resilient-store";
import type { ChatServer } from "./chat-server";
import type { FakeClock } from "./fake-clock";
import { atRest, until } from "./fake-clock";

/** The person's switches: what the browser would say of network and window. */
interface FakeSignals extends Signals {
  set(change: { online?: boolean; visible?: boolean }): void;
}

export function createFakeSignals(): FakeSignals {
  const listeners = new Set<() => void>();
  let online = true;
  let visible = true;
  return {
    isOnline: () => online,
    isVisible: () => visible,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(change) {
      online = change.online ?? online;
      visible = change.visible ?? visible;
      for (const listener of listeners) listener();
    },
  };
}

/** What the tabs of one browser share: its locks, its channels and its IndexedDB (fake-indexeddb/auto). */
export interface Browser {
  readonly locks: Locks;
  openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
}

export function createBrowser(): Browser {
  const members = new Map<string, Set<(message: unknown) => void>>();
  return {
    locks: createMemoryLocks(),
    openChannel(name, onMessage) {
      const channel = members.get(name) ?? new Set();
      members.set(name, channel.add(onMessage));
      return {
        post: (message) => channel.forEach((hear) => hear !== onMessage && queueMicrotask(() => hear(message))),
        close: () => void channel.delete(onMessage),
      };
    },
  };
}

export interface Tab {
  readonly client: RealtimeClient;
  readonly signals: FakeSignals;
  /** The conversation of the server's room, which the tab has open. */
  conversation(): Conversation;
  /** What is on the screen: messages, then what is pending. */
  texts(): (string | null)[];
  close(): void;
}

export interface TabOptions {
  readonly server: ChatServer;
  readonly clock: FakeClock;
  readonly browser: Browser;
  readonly userId: UserId;
  readonly firstRooms?: readonly RoomView[];
  readonly environment?: Partial<Environment>;
}

/** Opens a tab and its room, and waits until it is live. */
export async function openTab(options: TabOptions): Promise<Tab> {
  const tab = openTabOnly(options);
  await until(() => tab.client.getSnapshot().connection.status === "live", "the tab is live");
  await atRest();
  return tab;
}

export function openTabOnly({ server, clock, browser, userId, ...options }: TabOptions): Tab {
  const signals = createFakeSignals();
  const environment: Environment = {
    clock,
    signals,
    locks: browser.locks,
    openSocket: (_url, events) => server.openSocket(userId, events),
    openChannel: browser.openChannel,
    ...options.environment,
  };
  const client = createRealtimeClient({
    api: server.api(userId),
    me: server.me(userId),
    firstRooms: options.firstRooms ?? [],
    environment,
    openStore: (id, onDegraded) => createResilientStore({ open: () => openIndexedDbStore(id), clock, onDegraded }),
  });
  client.start();
  client.openRoom(server.roomId);

  function conversation(): Conversation {
    const found = client.getSnapshot().conversations.get(server.roomId);
    if (found === undefined) throw new Error("the room is not open");
    return found;
  }

  return {
    client,
    signals,
    conversation,
    texts() {
      const { messages, pending } = conversation();
      return [...messages.map(({ text }) => text), ...pending.map(({ text }) => text)];
    },
    close: () => client.stop(),
  };
}
