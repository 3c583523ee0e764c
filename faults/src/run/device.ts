import type { Me } from "@ashchat/contracts/api";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import { pick, type Random } from "@ashchat/visitor/random";
import type { Visitor } from "@ashchat/visitor/browser";
import type { RealtimeApi } from "@ashchat/web/realtime/api";
import { createRealtimeClient, type RealtimeClient } from "@ashchat/web/realtime/client";
import { createMemoryStore } from "@ashchat/web/realtime/outbox-store";
import type { DeviceName, HistoryRecord } from "../history";
import { changeOwn } from "./change-own";
import { createNodeEnvironment } from "./node-environment";
import { createTracker, type Tracker } from "./tracker";
import type { RunLanguage } from "./texts";
import { visitorApi } from "./visitor-api";

/** One device of one person: the product's own client with its outbox, its fallback and its reducer. */
export interface Device {
  name: DeviceName;
  userId: UserId;
  language: RunLanguage;
  roomIds: readonly RoomId[];
  client: RealtimeClient;
  tracker: Tracker;
  api: RealtimeApi;
  /** False: the outbox is full, nothing was attempted. */
  send(roomId: RoomId, text: string): boolean;
  /** Own messages of a room that are on the screen and not deleted, oldest first. */
  own(roomId: RoomId): readonly MessageView[];
  /** The person edits or deletes (`text` null) an own message, and tries again where no answer comes. */
  change(message: MessageView, text: string | null): Promise<void>;
  /** Messages that the person sees as not sent yet. */
  unsent(): number;
  /** Of those, room by room: in which state the first is, and how the device is connected. */
  describeUnsent(): string[];
  setOnline(isOnline: boolean): void;
  close(): void;
}

export interface DeviceOptions {
  name: DeviceName;
  language: RunLanguage;
  me: Me;
  visitor: Visitor;
  roomIds: readonly RoomId[];
  origin: string;
  /** Addresses of the realtime processes; every connection chooses one by chance. */
  realtimeUrls: readonly string[];
  /** See NodeEnvironmentOptions. */
  localAddress?: string;
  random: Random;
  records: HistoryRecord[];
  now: () => number;
}

export function openDevice(options: DeviceOptions): Device {
  const { name, me, roomIds, records, now, random, localAddress } = options;
  const { userId } = me.profile;
  const tracker = createTracker({ device: name, userId, records, now });
  let isOnline = true;
  const environment = createNodeEnvironment({
    origin: options.origin,
    random,
    addressOf: () => pick(random, options.realtimeUrls),
    listen: tracker.listen,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const api = witnessed(
    visitorApi(options.visitor, () => isOnline),
    tracker,
  );
  const client = createRealtimeClient({ api, me, environment, openStore: () => createMemoryStore() });
  const stopLooking = client.subscribe(() => {
    const state = client.getSnapshot();
    tracker.look(state);
    giveUpFailed(client, tracker, roomIds);
  });
  client.start();
  for (const roomId of roomIds) client.openRoom(roomId);
  return {
    name,
    userId,
    language: options.language,
    roomIds,
    client,
    tracker,
    api,
    send(roomId, text) {
      const queued = client.send(roomId, text);
      if (queued.ok) tracker.sent(roomId, queued.value, text);
      return queued.ok;
    },
    own: (roomId) => {
      const messages = client.getSnapshot().conversations.get(roomId)?.messages ?? [];
      return messages.filter(({ senderId, text }) => senderId === userId && text !== null);
    },
    change: (message, text) => changeOwn({ client, tracker }, message, text),
    unsent: () => client.getSnapshot().rooms.reduce((sum, room) => sum + room.unsent, 0),
    describeUnsent() {
      const { connection, conversations } = client.getSnapshot();
      return [...conversations.values()].flatMap(({ roomId, pending }) => {
        const [first] = pending;
        if (first === undefined) return [];
        return [
          `${name} (${connection.status}) ${roomId}: ${pending.length}, the first ${first.state.kind} after ${first.attempts} tries`,
        ];
      });
    },
    setOnline(next) {
      isOnline = next;
      environment.setOnline(next);
    },
    close() {
      stopLooking();
      client.stop();
    },
  };
}

/** What a person does with a message that will not go: the run throws it away and says so. */
function giveUpFailed(client: RealtimeClient, tracker: Tracker, roomIds: readonly RoomId[]): void {
  const { conversations } = client.getSnapshot();
  for (const roomId of roomIds) {
    for (const { clientId, state } of conversations.get(roomId)?.pending ?? []) {
      if (state.kind !== "failed") continue;
      tracker.failed(clientId);
      client.discard(clientId);
    }
  }
}

/** Answers that come over HTTP count as those of the socket do. */
function witnessed(api: RealtimeApi, tracker: Tracker): RealtimeApi {
  return {
    ...api,
    async send(input) {
      const answer = await api.send(input);
      if (answer.ok) tracker.acknowledged(input.clientId, answer.value.seq);
      return answer;
    },
    async resume(input) {
      const answer = await api.resume(input);
      if (answer.ok) answer.value.resync.forEach(tracker.mayJump);
      return answer;
    },
  };
}
