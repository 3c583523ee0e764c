import { newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { connectDatabase } from "@ashchat/db/connect";
import type { MembershipDocument, ProfileDocument, RoomDocument, SessionDocument } from "@ashchat/db/documents";
import mongoose from "mongoose";
import { openHouse, type SeededHouse, type SeededMember } from "./seed";

/** Many people in several rooms each, written in bulk past the stores. */
export interface Crowd extends SeededHouse {
  people: readonly CrowdMember[];
}

export interface CrowdMember extends SeededMember {
  roomIds: readonly RoomId[];
}

export interface CrowdOptions {
  mongodbUrl: string;
  redisUrl: string;
  /** A multiple of `roomSize`. */
  peopleCount: number;
  roomSize: number;
  roomsEach: number;
}

const SESSION_MS = 6 * 3_600_000;
const INSERT_DOCUMENTS = 1_000;

export async function seedCrowd(options: CrowdOptions): Promise<Crowd> {
  const { roomSize, roomsEach, peopleCount } = options;
  const roomsPerLayer = peopleCount / roomSize;
  const roomIds = Array.from({ length: roomsPerLayer * roomsEach }, () => newId("room"));
  const people = Array.from({ length: peopleCount }, (_, index) => ({
    userId: newId("usr"),
    sessionId: newId("ses"),
    roomIds: Array.from({ length: roomsEach }, (_unused, layer) => {
      // In every layer everybody has one room; the further layers mix people of different blocks.
      const room = (index + Math.floor(index / roomsPerLayer) * layer) % roomsPerLayer;
      return idAt(roomIds, layer * roomsPerLayer + room);
    }),
  }));
  const house = await openHouse(options);
  await insertAll(house.mongodbUrl, people, roomIds);
  const rooms = roomIds.map((roomId) => ({
    roomId,
    members: people.filter((person) => person.roomIds.includes(roomId)),
  }));
  return { ...house, rooms, people };
}

async function insertAll(
  mongodbUrl: string,
  people: readonly CrowdMember[],
  roomIds: readonly RoomId[],
): Promise<void> {
  const database = await connectDatabase({ url: mongodbUrl, appName: "bench", timeoutMs: LIMITS.databaseTimeoutMs });
  await database.migrate();
  await database.close();
  const connection = await mongoose.createConnection(mongodbUrl).asPromise();
  const insert = async (name: string, documents: readonly object[]) => {
    for (let from = 0; from < documents.length; from += INSERT_DOCUMENTS) {
      await connection.collection(name).insertMany(documents.slice(from, from + INSERT_DOCUMENTS));
    }
  };
  const now = Date.now();
  await insert(
    "rooms",
    roomIds.map((roomId) => roomDocument(roomId, now)),
  );
  await insert("profiles", people.map(profileDocument));
  await insert(
    "sessions",
    people.map((person) => sessionDocument(person, now)),
  );
  await insert(
    "memberships",
    people.flatMap((person) => membershipDocuments(person, now)),
  );
  await connection.close();
}

function roomDocument(roomId: RoomId, now: number): RoomDocument {
  return {
    _id: roomId,
    kind: "group",
    directKey: `group:${roomId}`,
    title: "bench",
    membersVersion: 1,
    createdAt: now,
  };
}

function profileDocument({ userId }: SeededMember): ProfileDocument {
  const tag = `ana-${userId.slice(-10)}`;
  return { _id: userId, tag, name: "Ana", about: "", language: "en", understands: [], lastSeenAt: null };
}

function sessionDocument({ userId, sessionId }: SeededMember, now: number): SessionDocument {
  const device = { name: "bench", os: "bench" };
  const expiresAt = now + SESSION_MS;
  return { _id: sessionId, userId, device, createdAt: now, lastSeenAt: now, expiresAt, revokedAt: null };
}

function membershipDocuments({ userId, roomIds }: CrowdMember, now: number): MembershipDocument[] {
  return roomIds.map((roomId) => ({
    roomId,
    userId,
    role: "member",
    joinedSeq: 0,
    joinedAt: now,
    removedAt: null,
    deliveredSeq: 0,
    readSeq: 0,
    language: null,
  }));
}

function idAt(roomIds: readonly RoomId[], index: number): RoomId {
  const roomId = roomIds[index];
  if (roomId === undefined) throw new Error(`no room ${index}`);
  return roomId;
}
