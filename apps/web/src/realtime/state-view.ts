import type { Me } from "@ashchat/contracts/api";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Presence } from "@ashchat/contracts/room";
import type { RoomState } from "@ashchat/core/sync/room-state";
import type { OpenRooms } from "./open-rooms";
import type { Outbox } from "./outbox";
import { cachedBy, conversationOf, peopleOf, sortRooms, summaryOf } from "./snapshot";
import type { ClientState, Connection, Conversation, RoomSummary } from "./state";

/** What a snapshot is made of. */
interface Sources {
  me(): Me;
  connection(): Connection;
  roomsStatus(): ClientState["roomsStatus"];
  presence(): ReadonlyMap<UserId, Presence>;
  states(): ReadonlyMap<RoomId, RoomState>;
  readonly outbox: Pick<Outbox, "ofRoom" | "isDurable">;
  readonly openRooms: Pick<OpenRooms, "get" | "ids">;
}

/** The snapshot and who wants to know of a new one. It is built when it is read, and told once for many changes. */
interface StateView {
  get(): ClientState;
  changed(): void;
  subscribe(listener: () => void): () => void;
}

export function createStateView(sources: Sources): StateView {
  const listeners = new Set<() => void>();
  const build = createBuilder(sources);
  let snapshot: ClientState | null = null;
  let isTelling = false;

  function tell(): void {
    isTelling = false;
    for (const listener of listeners) listener();
  }

  return {
    get: () => (snapshot ??= build()),
    changed() {
      snapshot = null;
      if (isTelling) return;
      isTelling = true;
      queueMicrotask(tell);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function createBuilder(sources: Sources): () => ClientState {
  const { outbox, openRooms } = sources;
  const summaries = cachedBy(summaryOf);
  const views = cachedBy(conversationOf);
  const people = cachedBy((_: "all", [me, all]: readonly [Me, readonly RoomSummary[]]) => peopleOf(me, all));
  let rooms: readonly RoomSummary[] = [];
  let conversations: ReadonlyMap<RoomId, Conversation> = new Map();
  let peopled: readonly RoomSummary[] = [];

  function currentRooms(states: ReadonlyMap<RoomId, RoomState>): readonly RoomSummary[] {
    const list = [...states].map(([roomId, state]) => summaries.get(roomId, state, outbox.ofRoom(roomId)));
    summaries.keepOnly((roomId) => states.has(roomId));
    return sortRooms(rooms, list);
  }

  function currentConversations(states: ReadonlyMap<RoomId, RoomState>): ReadonlyMap<RoomId, Conversation> {
    const next = new Map<RoomId, Conversation>();
    for (const roomId of openRooms.ids()) {
      const open = openRooms.get(roomId);
      if (open !== null) next.set(roomId, views.get(roomId, open, states.get(roomId) ?? null, outbox.ofRoom(roomId)));
    }
    views.keepOnly((roomId) => next.has(roomId));
    const isSame =
      next.size === conversations.size && [...next].every(([roomId, one]) => conversations.get(roomId) === one);
    return isSame ? conversations : next;
  }

  /** People come from the members alone: a new message makes no new map of them. */
  function roomsForPeople(): readonly RoomSummary[] {
    const members = new Set(peopled.map((room) => room.members));
    const isSame = rooms.length === peopled.length && rooms.every((room) => members.has(room.members));
    peopled = isSame ? peopled : rooms;
    return peopled;
  }

  return () => {
    const states = sources.states();
    rooms = currentRooms(states);
    conversations = currentConversations(states);
    return {
      connection: sources.connection(),
      me: sources.me(),
      roomsStatus: sources.roomsStatus(),
      rooms,
      conversations,
      presence: sources.presence(),
      people: people.get("all", sources.me(), roomsForPeople()),
      isOutboxDurable: outbox.isDurable(),
    };
  };
}
