import type { Me } from "@ashchat/contracts/api";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { ReadyFrame } from "@ashchat/contracts/realtime";
import type { Presence, ProfileView } from "@ashchat/contracts/room";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";
import type { RoomStore } from "./room-store";
import { reconnectDelayMs } from "./socket";
import type { ClientState } from "./state";

/** Oneself, the list of rooms, and who is online. */
interface Roster {
  me(): Me;
  roomsStatus(): ClientState["roomsStatus"];
  presence(): ReadonlyMap<UserId, Presence>;
  /** Somebody came or went: newer than what any answer under way says. */
  hearPresence(presence: readonly Presence[]): void;
  /** What an answer says about who is there. */
  takePresence(presence: readonly Presence[]): void;
  hearProfile(profile: ProfileView): void;
  /** Fetches the list; false where that failed. While it fails and nothing else is asked, it is tried again. */
  refreshRooms(): Promise<boolean>;
  setMe(me: Me): void;
  /**
   * A connection begins. Names, reading languages and what concerns oneself are announced once and kept in no log: what `ready` says
   * of them is taken; where it does not reach back far enough, they are soon fetched again.
   */
  connected(ready: Pick<ReadyFrame, "serverTime" | "changedProfiles">): void;
  /** What is announced from now on is not heard. */
  disconnected(): void;
  stop(): void;
}

interface RosterOptions {
  readonly me: Me;
  readonly api: Pick<RealtimeApi, "rooms" | "me">;
  readonly clock: Clock;
  readonly rooms: RoomStore;
  onChange(): void;
  onList(): void;
  /** What was translated so far is in the wrong language. */
  onLanguage(): void;
}

/** What came with the page is not older than this. */
const PAGE_AGE_MS_MAX = 300_000;
/** Clocks of servers differ, and what was written is read a moment later. */
const SPARE_MS = 60_000;

export function createRoster({ api, clock, rooms, ...options }: RosterOptions): Roster {
  let me = options.me;
  let roomsStatus: ClientState["roomsStatus"] = "loading";
  let presence: ReadonlyMap<UserId, Presence> = new Map();
  let attempt = 0;
  let lastAsked = 0;
  let isAskingMe = false;
  let cancelRetry = () => {};
  let cancelCatchUp = () => {};
  /** Begins with every connection and with every end of one. */
  let turn = 0;
  /** Everything announced until then is known. */
  let knownUntil = clock.now() - PAGE_AGE_MS_MAX;
  /** There is a connection, and everything since is heard, or was told by `ready`. */
  let isCaughtUp = false;

  async function refreshRooms(): Promise<boolean> {
    cancelRetry();
    const asked = rooms.beginFetch();
    const answer = await api.rooms();
    if (!answer.ok) {
      asked.end();
      attempt += 1;
      cancelRetry();
      if (answer.error.retryable)
        cancelRetry = clock.after(reconnectDelayMs(attempt, clock.random()), () => void refreshRooms());
      if (roomsStatus === "loading") roomsStatus = "failed";
      options.onChange();
      return false;
    }
    attempt = 0;
    roomsStatus = "ready";
    rooms.takeList(answer.value.rooms, asked);
    takePresence(answer.value.presence);
    asked.end();
    options.onList();
    options.onChange();
    return true;
  }

  function takePresence(heard: readonly Presence[]): void {
    const news = heard.filter((one) => !isSame(presence.get(one.userId), one));
    if (news.length === 0) return;
    presence = new Map([...presence, ...news.map((one) => [one.userId, one] as const)]);
    options.onChange();
  }

  function takeMe(next: Me): void {
    const before = me;
    me = next;
    rooms.hearProfile({ t: "profile", profile: next.profile });
    options.onChange();
    if (readsTheSame(before, next)) return;
    options.onLanguage();
    void refreshRooms();
  }

  /** Of the answers about oneself only that to the newest question counts. `otherwise` holds where there is none. */
  async function fetchMe(otherwise?: ProfileView): Promise<boolean> {
    lastAsked += 1;
    const own = lastAsked;
    isAskingMe = true;
    const answer = await api.me();
    if (own !== lastAsked) return false;
    isAskingMe = false;
    if (answer.ok) takeMe(answer.value);
    else if (otherwise !== undefined) takeMe({ ...me, profile: otherwise });
    return answer.ok;
  }

  async function catchUp(): Promise<void> {
    const own = turn;
    const isMeKnown = await fetchMe();
    const areRoomsKnown = await refreshRooms();
    if (own === turn && isMeKnown && areRoomsKnown) isCaughtUp = true;
  }

  function hearProfile(profile: ProfileView): void {
    rooms.hearProfile({ t: "profile", profile });
    // The frame does not say which languages one understands.
    if (profile.userId === me.profile.userId) void fetchMe(profile);
  }

  return {
    me: () => me,
    roomsStatus: () => roomsStatus,
    presence: () => presence,
    hearPresence(heard) {
      rooms.notePresence(heard);
      takePresence(heard);
    },
    takePresence,
    hearProfile,
    refreshRooms,
    setMe(next) {
      takeMe(next);
      // An answer that is under way may have been read before or after: only a new one is surely newer than both.
      if (isAskingMe) void fetchMe();
    },
    connected({ serverTime, changedProfiles }) {
      cancelCatchUp();
      turn += 1;
      const toldMs = changedProfiles ? serverTime - changedProfiles.since : 0;
      isCaughtUp = clock.now() - knownUntil + SPARE_MS <= toldMs;
      for (const profile of changedProfiles?.profiles ?? []) hearProfile(profile);
      if (isCaughtUp) return;
      // Spread, because after a restart everybody connects at once.
      cancelCatchUp = clock.after(LIMITS.namesCatchUpMs * clock.random(), () => void catchUp());
    },
    disconnected() {
      turn += 1;
      cancelCatchUp();
      // The connection may have been dead for as long as that takes to be noticed.
      if (isCaughtUp) knownUntil = clock.now() - LIMITS.silentSocketMs;
      isCaughtUp = false;
    },
    stop() {
      cancelRetry();
      cancelCatchUp();
    },
  };
}

function isSame(a: Presence | undefined, b: Presence): boolean {
  return a !== undefined && a.online === b.online && a.lastSeenAt === b.lastSeenAt;
}

function readsTheSame(a: Me, b: Me): boolean {
  return a.profile.language === b.profile.language && a.understands.join() === b.understands.join();
}
