import { clientIdSchema, roomIdSchema, userIdSchema } from "@ashchat/contracts/ids";
import { languageSchema } from "@ashchat/contracts/languages";
import mongoose from "mongoose";
import * as z from "zod/mini";
import type { MarkFact, StoredFact } from "../history";

/** Reads what is stored past the product, at the server's true address. */
export interface DatabaseReader {
  stored(): Promise<StoredFact[]>;
  /** Messages and accounts to which something is still owed. */
  pending(): Promise<number>;
  /** A line for each such message, without its text. */
  owed(): Promise<string[]>;
  marks(): Promise<Omit<MarkFact, "t">[]>;
  /** Users and profiles of one address. */
  account(email: string): Promise<{ users: number; profiles: number }>;
  close(): Promise<void>;
}

const translationSchema = z.object({
  status: z.enum(["pending", "done", "failed", "not_needed"]),
  revision: z.int(),
  text: z.optional(z.string()),
});
const messageSchema = z.object({
  roomId: roomIdSchema,
  seq: z.int(),
  clientId: clientIdSchema,
  senderId: userIdSchema,
  text: z.nullable(z.string()),
  revision: z.int(),
  language: languageSchema,
  pending: z.optional(z.unknown()),
  unlogged: z.array(z.unknown()),
  dueAt: z.optional(z.number()),
  translations: z.partialRecord(languageSchema, translationSchema),
});
const markSchema = z.object({ roomId: roomIdSchema, userId: userIdSchema, deliveredSeq: z.int(), readSeq: z.int() });
const idSchema = z.object({ _id: z.string() });

const TIMEOUT_MS = 20_000;

export async function openDatabase(url: string): Promise<DatabaseReader> {
  const connection = mongoose.createConnection(url, {
    serverSelectionTimeoutMS: TIMEOUT_MS,
    socketTimeoutMS: TIMEOUT_MS,
  });
  connection.on("error", () => undefined); // the call in flight rejects
  await connection.asPromise();
  const rows = (name: string, filter: Record<string, unknown> = {}) =>
    connection.collection(name).find(filter).toArray();
  return {
    stored: async () => (await rows("messages")).map(storedFact),
    async pending() {
      const owed = { $or: [{ pending: { $exists: true } }, { dueAt: { $exists: true } }] };
      const messages = await connection.collection("messages").countDocuments(owed);
      return messages + (await connection.collection("users").countDocuments({ pendingProfile: { $exists: true } }));
    },
    owed: async () =>
      z
        .array(messageSchema)
        .parse(await rows("messages", { $or: [{ pending: { $exists: true } }, { dueAt: { $exists: true } }] }))
        .map(describeOwed),
    marks: async () => z.array(markSchema).parse(await rows("memberships")),
    async account(email) {
      const users = z.array(idSchema).parse(await rows("users", { email }));
      const profiles = await Promise.all(
        users.map(({ _id }) => connection.collection<{ _id: string }>("profiles").countDocuments({ _id })),
      );
      return { users: users.length, profiles: profiles.reduce((sum, count) => sum + count, 0) };
    },
    close: () => connection.close(),
  };
}

const MS_PER_SECOND = 1_000;

/** Of a message to which something is owed: what, and when a sweep may claim it. No text. */
function describeOwed({ roomId, seq, pending, unlogged, dueAt, translations }: z.infer<typeof messageSchema>): string {
  const due = dueAt === undefined ? "never" : `in ${((dueAt - Date.now()) / MS_PER_SECOND).toFixed(0)} s`;
  const statuses = Object.entries(translations).map(([language, { status }]) => `${language} ${status}`);
  return `${roomId} #${seq}: ${JSON.stringify(pending)}, unlogged ${unlogged.length}, due ${due}; ${statuses.join(", ")}`;
}

function storedFact(row: unknown): StoredFact {
  const message = messageSchema.parse(row);
  const { roomId, seq, clientId, senderId, text, revision, language, translations } = message;
  return {
    ...{ roomId, seq, clientId, senderId, text, revision, language },
    remains: text === null ? JSON.stringify(row) : null,
    pending: message.pending !== undefined || message.unlogged.length > 0 || message.dueAt !== undefined,
    translations: Object.entries(translations).map(([into, translation]) => ({
      language: languageSchema.parse(into),
      status: translation.status,
      revision: translation.revision,
      text: translation.text ?? null,
    })),
  };
}

/** Looks at all marks every `everyMs` and writes down what changed: one observer with one order. */
export function watchMarks(
  database: DatabaseReader,
  { everyMs, now }: { everyMs: number; now: () => number },
): { seen: MarkFact[]; stop(): Promise<void> } {
  const seen: MarkFact[] = [];
  const last = new Map<string, string>();
  let isOver = false;
  async function look(): Promise<void> {
    const marks = await database.marks();
    const t = now();
    for (const mark of marks) {
      const key = `${mark.roomId} ${mark.userId}`;
      const value = `${mark.deliveredSeq} ${mark.readSeq}`;
      if (last.get(key) === value) continue;
      last.set(key, value);
      seen.push({ t, ...mark });
    }
  }
  async function watch(): Promise<void> {
    while (!isOver) {
      await look().catch(() => undefined); // the server is being killed: the next look sees more
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    await look();
  }
  const watching = watch();
  return {
    seen,
    stop() {
      isOver = true;
      return watching;
    },
  };
}
