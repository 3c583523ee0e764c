import type { RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";

/**
 * Who is here. It answers at once:
 * 1. Which connections has this person?       (caps, profile, presence, revocation)
 * 2. Which connections has this session?      (revocation)
 * 3. Who reads this room, in which language?  (fan-out)
 * 4. In which rooms is this connection?       (close)
 * `add`, `subscribe`, `setLanguage`, `unsubscribe` and `remove` keep all maps in step; empty entries are deleted.
 */
export interface Subscription<Connection> {
  readonly connection: Connection;
  readonly roomId: RoomId;
  readonly userId: UserId;
  /** Messages up to here are not this person's to read. */
  readonly joinedSeq: number;
  /** The language in which this person reads this room. */
  language: Language;
  /** Set where it was chosen for this room: a change of the profile's language does not touch it. */
  isLanguageOwn: boolean;
  /** A resume is under way: its pages will hold what is fanned out meanwhile. */
  paused: boolean;
}

/** The readers of one room, by language. */
export interface RoomReaders<Connection> {
  readonly byLanguage: ReadonlyMap<Language, ReadonlySet<Subscription<Connection>>>;
}

export interface Identity {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

export interface NewSubscription {
  readonly roomId: RoomId;
  readonly joinedSeq: number;
  readonly language: Language;
  readonly isLanguageOwn: boolean;
}

interface Entry<Connection> extends Identity {
  readonly rooms: Map<RoomId, Subscription<Connection>>;
}

type MutableReaders<Connection> = { readonly byLanguage: Map<Language, Set<Subscription<Connection>>> };

export class Registry<Connection extends object> {
  readonly #entries = new Map<Connection, Entry<Connection>>();
  readonly #byUser = new Map<UserId, Set<Connection>>();
  readonly #bySession = new Map<SessionId, Set<Connection>>();
  readonly #readers = new Map<RoomId, MutableReaders<Connection>>();

  get size(): number {
    return this.#entries.size;
  }

  add(connection: Connection, { userId, sessionId }: Identity): void {
    this.#entries.set(connection, { userId, sessionId, rooms: new Map() });
    insert(this.#byUser, userId, connection);
    insert(this.#bySession, sessionId, connection);
  }

  /** Returns the rooms that the connection was in. */
  remove(connection: Connection): RoomId[] {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return [];
    const roomIds = [...entry.rooms.keys()];
    for (const roomId of roomIds) this.unsubscribe(connection, roomId);
    this.#entries.delete(connection);
    drop(this.#byUser, entry.userId, connection);
    drop(this.#bySession, entry.sessionId, connection);
    return roomIds;
  }

  /** Replaces an older subscription of this connection to this room. Null for a connection that is gone. */
  subscribe(connection: Connection, room: NewSubscription): Subscription<Connection> | null {
    const entry = this.#entries.get(connection);
    if (entry === undefined) return null;
    const paused = entry.rooms.get(room.roomId)?.paused ?? false;
    this.unsubscribe(connection, room.roomId);
    const subscription = { connection, userId: entry.userId, ...room, paused };
    entry.rooms.set(room.roomId, subscription);
    this.#index(subscription);
    return subscription;
  }

  unsubscribe(connection: Connection, roomId: RoomId): boolean {
    const rooms = this.#entries.get(connection)?.rooms;
    const subscription = rooms?.get(roomId);
    if (rooms === undefined || subscription === undefined) return false;
    rooms.delete(roomId);
    this.#unindex(subscription);
    return true;
  }

  setLanguage(subscription: Subscription<Connection>, language: Language, isOwn: boolean): void {
    const { connection, roomId } = subscription;
    if (this.subscription(connection, roomId) !== subscription) return;
    this.#unindex(subscription);
    subscription.language = language;
    subscription.isLanguageOwn = isOwn;
    this.#index(subscription);
  }

  subscription(connection: Connection, roomId: RoomId): Subscription<Connection> | undefined {
    return this.#entries.get(connection)?.rooms.get(roomId);
  }

  subscriptionsOf(connection: Connection): Iterable<Subscription<Connection>> {
    return this.#entries.get(connection)?.rooms.values() ?? [];
  }

  ofUser(userId: UserId): ReadonlySet<Connection> | undefined {
    return this.#byUser.get(userId);
  }

  ofSession(sessionId: SessionId): ReadonlySet<Connection> | undefined {
    return this.#bySession.get(sessionId);
  }

  readersOf(roomId: RoomId): RoomReaders<Connection> | undefined {
    return this.#readers.get(roomId);
  }

  users(): IterableIterator<UserId> {
    return this.#byUser.keys();
  }

  #index(subscription: Subscription<Connection>): void {
    const { roomId, language } = subscription;
    let readers = this.#readers.get(roomId);
    if (readers === undefined) {
      readers = { byLanguage: new Map() };
      this.#readers.set(roomId, readers);
    }
    insert(readers.byLanguage, language, subscription);
  }

  #unindex(subscription: Subscription<Connection>): void {
    const { roomId, language } = subscription;
    const readers = this.#readers.get(roomId);
    if (readers === undefined) return;
    drop(readers.byLanguage, language, subscription);
    if (readers.byLanguage.size === 0) this.#readers.delete(roomId);
  }
}

function insert<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

function drop<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) return;
  values.delete(value);
  if (values.size === 0) map.delete(key);
}
