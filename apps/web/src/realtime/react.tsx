"use client";

import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Presence } from "@ashchat/contracts/room";
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { ClientState, Connection, Conversation, Person, RealtimeClient, RoomSummary } from "./client";

const RealtimeContext = createContext<RealtimeClient | null>(null);

/** Starts the client while it is mounted. Make the client once, outside of render (`createBrowserClient`). */
export function RealtimeProvider({ client, children }: { client: RealtimeClient; children: ReactNode }) {
  useEffect(() => {
    client.start();
    return () => client.stop();
  }, [client]);
  return <RealtimeContext value={client}>{children}</RealtimeContext>;
}

/** The client's commands: send, open, load, mark. */
export function useRealtime(): RealtimeClient {
  const client = useContext(RealtimeContext);
  if (client === null) throw new Error("useRealtime needs a RealtimeProvider above it");
  return client;
}

/** A part of the state. `select` picks; it must not build a new object on every call. */
export function useRealtimeState<Part>(select: (state: ClientState) => Part): Part {
  const client = useRealtime();
  const read = () => select(client.getSnapshot());
  return useSyncExternalStore(client.subscribe, read, read);
}

const selectRooms = (state: ClientState) => state.rooms;
const selectRoomsStatus = (state: ClientState) => state.roomsStatus;
const selectConnection = (state: ClientState) => state.connection;
const selectMe = (state: ClientState) => state.me;

export interface Rooms {
  readonly status: ClientState["roomsStatus"];
  readonly rooms: readonly RoomSummary[];
}

/** Every room of the person, newest activity first. */
export function useRooms(): Rooms {
  const rooms = useRealtimeState(selectRooms);
  const status = useRealtimeState(selectRoomsStatus);
  return useMemo(() => ({ rooms, status }), [rooms, status]);
}

/** Opens the room while mounted. Null for the moment before it is open. `summary` is null for a room one is not in. */
export function useRoom(roomId: RoomId): { conversation: Conversation | null; summary: RoomSummary | null } {
  const client = useRealtime();
  useEffect(() => {
    client.openRoom(roomId);
    return () => client.closeRoom(roomId);
  }, [client, roomId]);
  const conversation = useRealtimeState((state) => state.conversations.get(roomId) ?? null);
  const summary = useRealtimeState((state) => state.rooms.find((room) => room.roomId === roomId) ?? null);
  return useMemo(() => ({ conversation, summary }), [conversation, summary]);
}

export function useConnection(): Connection {
  return useRealtimeState(selectConnection);
}

export function useMe(): ClientState["me"] {
  return useRealtimeState(selectMe);
}

export function usePerson(userId: UserId | null): Person | null {
  return useRealtimeState((state) => (userId === null ? null : (state.people.get(userId) ?? null)));
}

export function usePresence(userId: UserId | null): Presence | null {
  return useRealtimeState((state) => (userId === null ? null : (state.presence.get(userId) ?? null)));
}
