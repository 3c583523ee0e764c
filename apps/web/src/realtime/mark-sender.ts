import type { RoomId } from "@ashchat/contracts/ids";
import type { Marks } from "@ashchat/core/sync/room-state";
import type { RealtimeApi } from "./api";
import type { RealtimeSocket } from "./socket";

/**
 * Takes one's own marks to the server: over the socket while it is live, else by HTTP. There they go when a poll was answered, all
 * in one request and none while others are on the way, so that a slow server is spared both; and when the page is left.
 */
interface MarkSender {
  /** False: there is no way to tell it now. */
  send(roomId: RoomId, marks: Partial<Marks>): boolean;
  /** A poll was answered: what `sendAll` sends may go by HTTP. */
  afterPoll(sendAll: () => void): void;
  /** The page may be closed: what `sendAll` sends goes by whatever way there is. */
  whenLeaving(sendAll: () => void): void;
}

interface MarkSenderOptions {
  readonly socket: Pick<RealtimeSocket, "state" | "send">;
  readonly api: Pick<RealtimeApi, "mark">;
  /** Whether the server answers polls. */
  isReached(): boolean;
  /** What the server says it has. */
  onConfirmed(roomId: RoomId, marks: Marks): void;
}

export function createMarkSender({ socket, api, isReached, onConfirmed }: MarkSenderOptions): MarkSender {
  let mayGoByHttp = false;
  let onTheWay = 0;

  function sendByHttp(roomId: RoomId, marks: Partial<Marks>): void {
    onTheWay += 1;
    void api.mark({ roomId, ...marks }).then((answer) => {
      onTheWay -= 1;
      if (answer.ok) onConfirmed(roomId, answer.value);
    });
  }

  function allowing(isAllowed: boolean, sendAll: () => void): void {
    mayGoByHttp = isAllowed;
    sendAll();
    mayGoByHttp = false;
  }

  return {
    send(roomId, marks) {
      const { readSeq, deliveredSeq } = marks;
      if (socket.state().kind === "live") {
        if (readSeq !== undefined) socket.send({ t: "read", roomId, seq: readSeq });
        if (deliveredSeq !== undefined) socket.send({ t: "delivered", roomId, seq: deliveredSeq });
        return true;
      }
      if (!mayGoByHttp || !isReached()) return false;
      sendByHttp(roomId, marks);
      return true;
    },
    afterPoll: (sendAll) => allowing(onTheWay === 0, sendAll),
    whenLeaving: (sendAll) => allowing(true, sendAll),
  };
}
