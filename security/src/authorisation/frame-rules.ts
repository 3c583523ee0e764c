import type { ErrorCode } from "@ashchat/contracts/errors";
import { newClientId, type RoomId } from "@ashchat/contracts/ids";
import { CLOSE_CODES, PROTOCOL_VERSION, type ClientFrame, type ServerFrame } from "@ashchat/contracts/realtime";
import type { Role } from "./scene";

/** No answer is expected where the server only passes something on. */
export const SILENCE = "silence";

/** What the server does with a frame: a close code, the code of an `error`, or the frame with which it answers. */
type FrameOutcome = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES] | ErrorCode | ServerFrame["t"] | typeof SILENCE;

export interface FrameRule {
  readonly frame: (roomId: RoomId) => ClientFrame;
  readonly outcomes: Readonly<Record<Role, FrameOutcome>>;
}

/** Without a ticket nothing is heard; a revoked session's ticket opens nothing. */
const NOBODY = { anonymous: CLOSE_CODES.ticketRefused, revoked: CLOSE_CODES.signedOut } as const;
const inRoom = (inside: FrameOutcome): FrameRule["outcomes"] => ({
  ...NOBODY,
  stranger: "not_found",
  removed: "not_found",
  member: inside,
  owner: inside,
});
const everybody = (outcome: FrameOutcome): FrameRule["outcomes"] => ({
  ...NOBODY,
  stranger: outcome,
  removed: outcome,
  member: outcome,
  owner: outcome,
});

/** Every frame that a client may send, and what becomes of it. A frame without a rule does not compile. */
export const FRAME_RULES: Readonly<Record<ClientFrame["t"], FrameRule>> = {
  // A second `auth` on a socket that has been let in is no frame.
  auth: {
    frame: () => ({ t: "auth", v: PROTOCOL_VERSION, ticket: "x".repeat(43) }),
    outcomes: everybody("frame_malformed"),
  },
  resume: {
    frame: (roomId) => ({ t: "resume", cursors: [{ roomId, seq: 0, changeSeq: 0 }] }),
    outcomes: inRoom("page"),
  },
  send: {
    frame: (roomId) => ({ t: "send", roomId, clientId: newClientId(), text: "hello" }),
    outcomes: inRoom("ack"),
  },
  typing: { frame: (roomId) => ({ t: "typing", roomId }), outcomes: inRoom(SILENCE) },
  delivered: { frame: (roomId) => ({ t: "delivered", roomId, seq: 1 }), outcomes: inRoom(SILENCE) },
  read: { frame: (roomId) => ({ t: "read", roomId, seq: 1 }), outcomes: inRoom(SILENCE) },
  ping: { frame: () => ({ t: "ping" }), outcomes: everybody("pong") },
};
