import type { History } from "@ashchat/contracts/api";
import { ERROR_CODES, type ErrorCode } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { applyHistory, attachDetached, leaveDetached, resizeWindow } from "@ashchat/core/sync/apply-history";
import { messageAt } from "@ashchat/core/sync/message-window";
import type { RoomState } from "@ashchat/core/sync/room-state";
import { hasOlder, viewOf } from "@ashchat/core/sync/room-state";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";
import type { RoomStore } from "./room-store";

/** The rooms that are on the screen: which pages of their history are loaded, and which are under way. */
export interface OpenRooms {
  get(roomId: RoomId): OpenRoom | null;
  ids(): Iterable<RoomId>;
  open(roomId: RoomId): void;
  close(roomId: RoomId): void;
  /** The room's state came or changed. */
  onState(state: RoomState): void;
  /** There is no such room for this person. */
  onMissing(roomId: RoomId): void;
  loadOlder(roomId: RoomId): Promise<void>;
  loadNewer(roomId: RoomId): Promise<void>;
  loadAround(roomId: RoomId, seq: number): Promise<number | null>;
  jumpToLatest(roomId: RoomId): void;
  /** The server answers again: what could not be fetched when a room was opened is asked for once more. */
  retryFirstPages(): void;
  /** Reads what is shown again, after the reader's language changed. */
  reload(): void;
}

export interface OpenRoom {
  readonly count: number;
  /**
   * Which look at the room this is: another one begins when the room opens, when the person goes to its end and when
   * their language changes. A page that was asked for in an earlier one is thrown away when it arrives.
   */
  readonly view: number;
  readonly openedReadSeq: number | null;
  readonly isFirstPageLoaded: boolean;
  readonly isLoadingOlder: boolean;
  readonly isLoadingNewer: boolean;
  readonly error: ErrorCode | null;
}

interface OpenRoomsOptions {
  readonly api: Pick<RealtimeApi, "history">;
  readonly clock: Clock;
  readonly rooms: RoomStore;
  onChange(roomId: RoomId): void;
}

const NEW_ROOM: Omit<OpenRoom, "view"> = {
  count: 1,
  openedReadSeq: null,
  isFirstPageLoaded: false,
  isLoadingOlder: false,
  isLoadingNewer: false,
  error: null,
};

type Loading = "isLoadingOlder" | "isLoadingNewer";

export function createOpenRooms({ api, clock, rooms, onChange }: OpenRoomsOptions): OpenRooms {
  const open = new Map<RoomId, OpenRoom>();
  let views = 0;

  function newView(): Pick<OpenRoom, "view" | Loading> {
    views += 1;
    return { view: views, isLoadingOlder: false, isLoadingNewer: false };
  }

  function set(roomId: RoomId, change: Partial<OpenRoom>): void {
    const known = open.get(roomId);
    if (known === undefined) return;
    open.set(roomId, { ...known, ...change });
    onChange(roomId);
  }

  /** One page at a time in each direction. Null: it was not fetched. */
  async function load(
    roomId: RoomId,
    kind: Loading,
    page: { before?: number; around?: number },
  ): Promise<History | null> {
    const known = open.get(roomId);
    if (known === undefined || known[kind]) return null;
    set(roomId, { [kind]: true });
    const answer = await api.history({ roomId, ...page });
    if (open.get(roomId)?.view !== known.view) return null;
    set(roomId, { [kind]: false, error: answer.ok ? null : answer.error.code });
    const state = rooms.states().get(roomId);
    if (!answer.ok || state === undefined) return null;
    rooms.take(applyHistory(state, answer.value, clock.now()));
    return answer.value;
  }

  async function loadOlder(roomId: RoomId): Promise<void> {
    const state = rooms.states().get(roomId);
    if (state === undefined || !hasOlder(state)) return;
    const before = viewOf(state)[0]?.seq;
    await load(roomId, "isLoadingOlder", before === undefined ? {} : { before });
  }

  async function loadFirstPage(roomId: RoomId): Promise<void> {
    const state = rooms.states().get(roomId);
    const before = open.get(roomId);
    if (state === undefined || before === undefined) return;
    if (hasPage(state)) return set(roomId, { isFirstPageLoaded: true, error: null });
    await loadOlder(roomId);
    const after = open.get(roomId);
    if (after?.view === before.view && after.error === null) set(roomId, { isFirstPageLoaded: true });
  }

  function begin(state: RoomState): void {
    set(state.roomId, { openedReadSeq: Math.max(state.own.readSeq, state.joinedSeq), error: null });
    rooms.take({ state: resizeWindow(state, LIMITS.windowMessagesMax), effects: [] });
    void loadFirstPage(state.roomId);
  }

  async function loadNewer(roomId: RoomId): Promise<void> {
    const state = rooms.states().get(roomId);
    if (state === undefined || state.detached === null) return;
    const attached = attachDetached(state);
    if (attached !== state) return rooms.take({ state: attached, effects: [] });
    const last = state.detached.at(-1)?.seq ?? 0;
    await load(roomId, "isLoadingNewer", { before: last + LIMITS.historyPageMessages + 1 });
  }

  return {
    get: (roomId) => open.get(roomId) ?? null,
    ids: () => open.keys(),
    open(roomId) {
      const known = open.get(roomId);
      if (known !== undefined) return set(roomId, { count: known.count + 1 });
      open.set(roomId, { ...NEW_ROOM, ...newView() });
      onChange(roomId);
      const state = rooms.states().get(roomId);
      if (state !== undefined) begin(state);
    },
    close(roomId) {
      const known = open.get(roomId);
      if (known === undefined) return;
      if (known.count > 1) return set(roomId, { count: known.count - 1 });
      open.delete(roomId);
      onChange(roomId);
      const state = rooms.states().get(roomId);
      if (state !== undefined) rooms.take({ state: resizeWindow(state, LIMITS.backgroundWindowMessages), effects: [] });
    },
    onState(state) {
      if (open.get(state.roomId)?.openedReadSeq === null) begin(state);
    },
    // Should it come back while it is open, it opens anew.
    onMissing: (roomId) =>
      set(roomId, { ...NEW_ROOM, ...newView(), error: "not_found", count: open.get(roomId)?.count ?? 1 }),
    async loadOlder(roomId) {
      const state = rooms.states().get(roomId);
      const isFirst = open.get(roomId)?.isFirstPageLoaded === false && state !== undefined && !hasPage(state);
      await (isFirst ? loadFirstPage(roomId) : loadOlder(roomId));
    },
    loadNewer,
    async loadAround(roomId, seq) {
      const before = rooms.states().get(roomId);
      if (before !== undefined && messageAt(viewOf(before), seq) !== null) return seq;
      await load(roomId, "isLoadingNewer", { around: seq });
      const after = rooms.states().get(roomId);
      return after !== undefined && messageAt(viewOf(after), seq) !== null ? seq : null;
    },
    jumpToLatest(roomId) {
      const state = rooms.states().get(roomId);
      if (state === undefined) return;
      set(roomId, newView());
      rooms.take({ state: leaveDetached(state), effects: [] });
      void loadFirstPage(roomId);
    },
    retryFirstPages() {
      for (const [roomId, { isFirstPageLoaded, isLoadingOlder, error }] of open) {
        const mayComeNow = error !== null && ERROR_CODES[error].retryable;
        if (!isFirstPageLoaded && !isLoadingOlder && mayComeNow) void loadFirstPage(roomId);
      }
    },
    reload() {
      for (const roomId of open.keys()) {
        set(roomId, newView());
        void load(roomId, "isLoadingNewer", {});
        const middle = rooms.states().get(roomId)?.detached?.at(-1)?.seq;
        if (middle !== undefined) void load(roomId, "isLoadingOlder", { before: middle + 1 });
      }
    },
  };
}

function hasPage({ messages }: RoomState): boolean {
  return messages.length >= LIMITS.historyPageMessages;
}
