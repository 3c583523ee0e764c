import { LIMITS } from "@ashchat/contracts/limits";
import type {
  AccountStore,
  AudienceReader,
  MembershipStore,
  MessageStore,
  Outcome,
  ProfileStore,
  RoomStore,
  RoomWriter,
  SessionStore,
} from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import { openConnection, type ConnectionOptions } from "./connection";
import type { ChangeDocument, MessageDocument } from "./documents";
import { attempt } from "./errors";
import { missingMigrations, runMigrations } from "./migrations";
import { defineModels } from "./models";
import { createAccountStore } from "./repositories/accounts";
import { createAudienceReader } from "./repositories/audience";
import { createMembershipStore } from "./repositories/memberships";
import { createMessageStore } from "./repositories/messages";
import { createProfileStore } from "./repositories/profiles";
import { createRoomStore } from "./repositories/rooms";
import { createSessionStore } from "./repositories/sessions";
import { createRoomWriter } from "./room-writer";
import { readServerInfo, type ServerInfo } from "./server-info";

export interface Stores {
  accounts: AccountStore;
  profiles: ProfileStore;
  sessions: SessionStore;
  rooms: RoomStore;
  memberships: MembershipStore;
  messages: MessageStore;
  writer: RoomWriter;
}

export interface Database {
  stores: Stores;
  audience: AudienceReader;
  /** For /readyz: whether the server answers, and its name and version or what is wrong. */
  ready(): Promise<{ ok: boolean; detail: string }>;
  /** Name, version and whether it is the stand-in, which production refuses. */
  server(): Outcome<ServerInfo>;
  /** Builds the indexes and runs what else has not run yet. Throws when it cannot. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to the database. Resolves also while it cannot be reached (calls answer `unavailable` until it can); rejects for
 * an address that is none. One room writer per process: take it from here, make no second.
 */
export async function connectDatabase(options: ConnectionOptions): Promise<Database> {
  const { connection, native, close } = await openConnection(options);
  const models = defineModels(connection);
  const profiles = createProfileStore(models);
  const rooms = createRoomStore(models);
  const memberships = createMembershipStore(models);
  const collections = {
    messages: () => native().collection<MessageDocument>("messages"),
    changes: () => native().collection<ChangeDocument>("changes"),
  };
  const server = (): Outcome<ServerInfo> => attempt("ask the server", () => readServerInfo(native()));

  return {
    stores: {
      accounts: createAccountStore(models),
      profiles,
      sessions: createSessionStore(models),
      rooms,
      memberships,
      messages: createMessageStore(models, collections),
      writer: createRoomWriter(collections.messages),
    },
    audience: createAudienceReader({ rooms, memberships, profiles }),
    server,
    ready: () => withinReadiness(() => attempt("ask for readiness", () => readReadiness(native()))),
    migrate: () => migrate(options),
    close,
  };
}

/** On a connection of its own: building an index takes longer than any call may. */
async function migrate(options: ConnectionOptions): Promise<void> {
  const own = await openConnection({ ...options, timeoutMs: LIMITS.migrationTimeoutMs });
  try {
    await runMigrations(own.native(), Date.now);
  } finally {
    await own.close();
  }
}

interface Readiness {
  ok: boolean;
  detail: string;
}

async function readReadiness(database: mongo.Db): Promise<Readiness> {
  const { label } = await readServerInfo(database);
  const missing = await missingMigrations(database);
  if (missing.length === 0) return { ok: true, detail: label };
  return { ok: false, detail: `${label}, not migrated: ${missing.map(({ name }) => name).join(", ")}` };
}

async function withinReadiness(read: () => Outcome<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LIMITS.readinessTimeoutMs);
  });
  const answer = await Promise.race([read(), late]);
  clearTimeout(timer);
  if (answer === null) return { ok: false, detail: "no answer in time" };
  return answer.ok ? answer.value : { ok: false, detail: answer.error.message };
}
