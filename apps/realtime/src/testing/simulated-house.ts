import { Writable, type Duplex } from "node:stream";
import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import { newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor } from "@ashchat/contracts/message";
import { serverFrameSchema, type ServerFrame } from "@ashchat/contracts/realtime";
import { fail, ok } from "@ashchat/contracts/result";

import type { Membership, Profile } from "@ashchat/core/ports";
import type WebSocket from "ws";
import type { AudienceLoader, HouseAudience } from "../audience-loader";
import { createChangedProfiles } from "../changed-profiles";
import { Connection } from "../connection";
import { fanChange, fanFrame, fanJump, fanMessage } from "../fanout";
import { createHub } from "../hub";
import type { NodeLimits } from "../limits";
import { createMembers, type Members } from "../members";
import { Flusher } from "../outbox";
import { createReceiptFanout } from "../receipt-fanout";
import { Registry } from "../registry";
import { Rooms } from "../rooms";
import { failTest, someRoom } from "./factories";

/**
 * A node's rooms, members and hub over a database in memory, with a clock that is moved by hand and connections that keep
 * their frames. A read sees the database as it is when it begins; `hold` lets its answer be late.
 */
export type SimulatedHouse = ReturnType<typeof simulateHouse>;

interface StoredRoom {
  version: number;
  readonly members: Map<UserId, Language>;
  readonly messages: StoredMessage[];
}

export function simulateHouse(limits: Partial<NodeLimits> = {}) {
  const stored = new Map<RoomId, StoredRoom>();
  const state = {
    now: 1_000_000_000,
    held: Promise.resolve(),
    audienceReads: 0,
    watched: new Set<RoomId>(),
    changedProfiles: new Array<Profile>(),
    changedProfilesReads: 0,
    isDatabaseAway: false,
    /** Where they are not 0. */
    marks: new Map<UserId, { deliveredSeq: number; readSeq: number }>(),
  };
  const allLimits: NodeLimits = { ...LIMITS, ...limits };
  const registry = new Registry<Connection>();
  const announced: string[] = [];

  const loader: AudienceLoader = {
    async load(roomId) {
      state.audienceReads += 1;
      const audience = audienceOf(stored, roomId);
      await state.held;
      return ok(audience);
    },
  };
  const rooms: Rooms = new Rooms({
    loader,
    log: {
      async headsOf(roomIds) {
        const heads = new Map(roomIds.map((roomId) => [roomId, headOf(stored, roomId)] as const));
        await state.held;
        return ok(heads);
      },
      messagesAfter: async (roomId, after) => ok((stored.get(roomId)?.messages ?? []).slice(after)),
      changesAfter: async () => ok([]),
    },
    rooms: { find: async (roomId) => ok(audienceOf(stored, roomId)?.room ?? null) },
    live: {
      watchRoom: async (roomId) => void state.watched.add(roomId),
      unwatchRoom: (roomId) => state.watched.delete(roomId),
    },
    hasReaders: (roomId) => registry.readersOf(roomId) !== undefined,
    limits: allLimits,
    now: () => state.now,
    later: () => () => undefined,
    onError: failTest,
    events: {
      message: ({ roomId }, message) => void fanMessage(registry.readersOf(roomId), message),
      change: ({ roomId, relevance }, logged) => void fanChange(registry.readersOf(roomId), relevance, logged),
      jump: ({ roomId }) => fanJump(registry.readersOf(roomId), roomId),
      audience: (room, previous) => members.audienceRead(room, previous),
    },
  });
  const memberships = {
    listByUser: async (userId: UserId) =>
      state.isDatabaseAway ? fail(appError("unavailable", "no database")) : ok(membershipsOf(stored, userId)),
    async listByRooms(roomIds: readonly RoomId[]) {
      const people = new Set([...stored.values()].flatMap((room) => [...room.members.keys()]));
      const all = [...people].flatMap((userId) => membershipsOf(stored, userId));
      const asked = all.filter(({ roomId }) => roomIds.includes(roomId));
      return ok(asked.map((membership) => ({ ...membership, ...state.marks.get(membership.userId) })));
    },
  };
  const changedProfiles = createChangedProfiles({
    profiles: {
      async changedSince() {
        state.changedProfilesReads += 1;
        const changed = [...state.changedProfiles];
        await state.held;
        return ok(changed);
      },
    },
    limits: allLimits,
    now: () => state.now,
    onError: failTest,
  });
  const members: Members = createMembers({
    ...{ registry, rooms, memberships, changedProfiles },
    limits: allLimits,
    onError: (error, what) => void (state.isDatabaseAway || failTest(error, what)),
  });
  const intervals = new Set<() => void>();
  const receiptFanout = createReceiptFanout({
    limits: allLimits,
    later(_delayMs, task) {
      intervals.add(task);
      return () => intervals.delete(task);
    },
    hasReaders: (roomId) => registry.readersOf(roomId) !== undefined,
    fan: (roomId, marks) => fanFrame(registry.readersOf(roomId), { t: "receipts", roomId, marks }),
  });
  const hub = createHub({
    registry,
    rooms,
    members,
    changedProfiles,
    receiptFanout,
    memberships,
    limits: allLimits,
    bus: { announcer: { announce: ({ kind }) => announced.push(kind) } },
    now: () => state.now,
    onError: failTest,
  });

  return {
    state,
    registry,
    rooms,
    members,
    memberships,
    changedProfiles,
    hub,
    limits: allLimits,
    addRoom(...people: readonly UserId[]): RoomId {
      const roomId = someRoom();
      stored.set(roomId, { version: 1, members: new Map(people.map((userId) => [userId, "en"])), messages: [] });
      return roomId;
    },
    stored(roomId: RoomId): StoredRoom {
      const room = stored.get(roomId);
      if (room === undefined) throw new Error("no such room");
      return room;
    },
    /** What is read from here on is answered when the returned function is called. */
    hold(): () => void {
      let release = (): void => undefined;
      state.held = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    /** The time is over for which marks are gathered. */
    endReceiptIntervals(): void {
      const due = [...intervals];
      intervals.clear();
      for (const end of due) end();
    },
    connect: (userId: UserId) => connect({ registry, limits: allLimits, now: state.now }, userId),
    async turns(count = 10) {
      for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
    },
  };
}

function audienceOf(stored: ReadonlyMap<RoomId, StoredRoom>, roomId: RoomId): HouseAudience | null {
  const room = stored.get(roomId);
  if (room === undefined) return null;
  const member = { role: "member", joinedSeq: 0, understands: [], isLanguageOwn: false, lastSeenAt: null } as const;
  return {
    room: { roomId, kind: "group", title: "Group", membersVersion: room.version, createdAt: 0 },
    members: new Map([...room.members].map(([userId, language]) => [userId, { ...member, userId, language }])),
  };
}

function headOf(stored: ReadonlyMap<RoomId, StoredRoom>, roomId: RoomId): Cursor {
  return { seq: stored.get(roomId)?.messages.length ?? 0, changeSeq: 0 };
}

function membershipsOf(stored: ReadonlyMap<RoomId, StoredRoom>, userId: UserId): Membership[] {
  const mine = [...stored].filter(([, room]) => room.members.has(userId));
  const marks = { deliveredSeq: 0, readSeq: 0, joinedSeq: 0, joinedAt: 0, removedAt: null, language: null };
  return mine.map(([roomId]) => ({ roomId, userId, role: "member" as const, ...marks }));
}

/** A connection that keeps what was written to it. */
function connect(house: { registry: Registry<Connection>; limits: NodeLimits; now: number }, userId: UserId) {
  const frames: ServerFrame[] = [];
  const socket = new Writable({
    write(chunk: Buffer, _encoding, done) {
      frames.push(...framesIn(chunk));
      done();
    },
  });
  const sessionId = newId("ses");
  const connection = new Connection({
    ws: { close: () => undefined } as unknown as WebSocket,
    socket: socket as unknown as Duplex,
    flusher: new Flusher(),
    address: "test",
    limits: house.limits,
    now: house.now,
    onClosed: (closed) => house.registry.remove(closed),
  });
  connection.startChecking();
  connection.signIn({ userId, sessionId, expiresAt: Number.POSITIVE_INFINITY });
  house.registry.add(connection, { userId, sessionId });
  return { connection, frames, sessionId };
}

/** The frames of one write: unmasked and whole, with a length of 7 or 16 bits. */
function framesIn(chunk: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at < chunk.length;) {
    const short = chunk.readUInt8(at + 1);
    const [header, length] = short < 126 ? [2, short] : [4, chunk.readUInt16BE(at + 2)];
    frames.push(serverFrameSchema.parse(JSON.parse(chunk.toString("utf8", at + header, at + header + length))));
    at += header + length;
  }
  return frames;
}
