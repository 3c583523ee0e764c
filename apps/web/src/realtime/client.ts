import type { Me } from "@ashchat/contracts/api";
import type { AppError } from "@ashchat/contracts/errors";
import { appError } from "@ashchat/contracts/errors";
import type { ClientId, RoomId } from "@ashchat/contracts/ids";
import { newClientId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import type { Result } from "@ashchat/contracts/result";
import { fail, ok } from "@ashchat/contracts/result";
import { normalizeText, textProblem } from "@ashchat/contracts/text";
import type { RealtimeClientOptions } from "./parts";
import { createParts } from "./parts";
import type { RoomStore } from "./room-store";
import type { ClientState } from "./state";

export type { ClientState, Connection, Conversation, OutboxEntry, OutboxState, Person, RoomSummary } from "./state";
export type { RealtimeClientOptions } from "./parts";

/** The one door between the interface and the server's conversation. Nothing here throws or waits for the network. */
export interface RealtimeClient {
  /** Connects; may be called again after `stop`. */
  start(): void;
  stop(): void;
  subscribe(listener: () => void): () => void;
  getSnapshot(): ClientState;

  /** Shows this room: loads its newest page and keeps its conversation until as many `closeRoom`. */
  openRoom(roomId: RoomId): void;
  closeRoom(roomId: RoomId): void;
  loadOlder(roomId: RoomId): void;
  loadNewer(roomId: RoomId): void;
  /** Shows the page around `seq` (deep link, unread far back); resolves when it is in `messages`, with its seq or null. */
  loadAround(roomId: RoomId, seq: number): Promise<number | null>;
  jumpToLatest(roomId: RoomId): void;

  /**
   * Queues a text; refuses at once what the server would refuse, so that the composer can keep it. Leads back to the end of the
   * room, where it is shown.
   */
  send(roomId: RoomId, text: string): Result<ClientId, AppError>;
  retry(clientId: ClientId): void;
  /** Every failed message; of one room where given. */
  retryAll(roomId?: RoomId): void;
  discard(clientId: ClientId): void;
  editMessage(message: Pick<MessageView, "roomId" | "seq" | "revision">, text: string): Promise<Result<null, AppError>>;
  deleteMessage(message: Pick<MessageView, "roomId" | "seq">): Promise<Result<null, AppError>>;

  /** Call on every key stroke; at most one frame per 3 s goes out. */
  typing(roomId: RoomId): void;
  /** The person has seen everything up to `seq`: call when the room is open, visible and that message was reached. */
  markRead(roomId: RoomId, seq: number): void;
  /** Call with the messages in view that want a translation (see `wantsTranslation`), or one that failed. */
  requestTranslation(roomId: RoomId, seqs: readonly number[]): void;

  /** Fetches the room list again, for example after a room was made. */
  refreshRooms(): Promise<boolean>;
  /** After the person changed name, languages or about. */
  setMe(me: Me): void;
  /** "Try now". */
  reconnectNow(): void;
}

/** The client over the environment that the options name. Does nothing before `start`. */
export function createRealtimeClient(options: RealtimeClientOptions): RealtimeClient {
  const parts = createParts(options);
  const { rooms, openRooms, outbox, view, people } = parts;
  return {
    start: parts.start,
    stop: parts.stop,
    subscribe: view.subscribe,
    getSnapshot: view.get,

    openRoom: openRooms.open,
    closeRoom: openRooms.close,
    loadOlder: (roomId) => void openRooms.loadOlder(roomId),
    loadNewer: (roomId) => void openRooms.loadNewer(roomId),
    loadAround: openRooms.loadAround,
    jumpToLatest: openRooms.jumpToLatest,

    send(roomId, text) {
      const accepted = acceptText(text);
      if (!accepted.ok) return accepted;
      const clientId = newClientId();
      const added = outbox.add({ roomId, clientId, text: accepted.value });
      if (!added.ok) return added;
      // What is pending stands at the end: whoever wrote far back is led there, or they would see nothing happen.
      if (rooms.states().get(roomId)?.detached) openRooms.jumpToLatest(roomId);
      return ok(clientId);
    },
    retry: outbox.retry,
    retryAll: outbox.retryAll,
    discard: outbox.discard,
    async editMessage({ roomId, seq, revision }, text) {
      const accepted = acceptText(text);
      if (!accepted.ok) return accepted;
      return show(rooms, await options.api.edit({ roomId, seq, revision, text: accepted.value }));
    },
    async deleteMessage({ roomId, seq }) {
      return show(rooms, await options.api.delete({ roomId, seq }));
    },

    typing: parts.typing,
    markRead: parts.markRead,
    requestTranslation: parts.requestTranslation,
    refreshRooms: people.refreshRooms,
    setMe: people.setMe,
    reconnectNow: parts.reconnectNow,
  };
}

/** The text as the server will store it, or why it will not. */
function acceptText(text: string): Result<string, AppError> {
  const normalized = normalizeText(text);
  const problem = textProblem(normalized);
  return problem === null ? ok(normalized) : fail(appError(problem, "refused before it was sent"));
}

function show(rooms: RoomStore, answer: Result<{ message: MessageView }, AppError>): Result<null, AppError> {
  if (!answer.ok) return answer;
  rooms.hearMessages(answer.value.message.roomId, [answer.value.message]);
  return ok(null);
}
