import type { ErrorCode } from "@ashchat/contracts/errors";
import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import type { ProcedurePath } from "../web/paths";
import type { Role, Scene } from "./scene";

/** The code of the refusal, or `ok`. */
export type Outcome = ErrorCode | "ok";

/**
 * What each procedure answers to whom, about a group that belongs to `owner`. A procedure without a rule does not compile: who
 * adds one says here who may call it.
 */
export interface ProcedureRule {
  /** What is asked, about the room given, which is the group or one that does not exist. */
  readonly input?: (scene: Scene, roomId: RoomId) => object;
  readonly outcomes: Readonly<Record<Role, Outcome>>;
  /** Whether the room of the input decides: then a stranger hears the same of it as of a room that does not exist. */
  readonly isAboutRoom: boolean;
}

const NOBODY = { anonymous: "not_signed_in", revoked: "session_revoked" } as const;
const open = (outcome: Outcome): ProcedureRule["outcomes"] => ({
  ...{ anonymous: outcome, revoked: outcome, stranger: outcome, removed: outcome },
  ...{ member: outcome, owner: outcome },
});
const signedIn = (outcome: Outcome): ProcedureRule["outcomes"] => ({ ...open(outcome), ...NOBODY });
const OUTSIDE = { ...NOBODY, stranger: "not_found", removed: "not_found" } as const;

/** About oneself alone. */
const own = (input: object = {}): ProcedureRule => ({
  input: () => input,
  outcomes: signedIn("ok"),
  isAboutRoom: false,
});

/** For members; `member` may be refused where only the owner may. */
const inRoom = (input: ProcedureRule["input"], member: Outcome = "ok", owner: Outcome = "ok"): ProcedureRule => ({
  ...(input === undefined ? {} : { input }),
  outcomes: { ...OUTSIDE, member, owner },
  isAboutRoom: true,
});

export const PROCEDURE_RULES: Readonly<Record<ProcedurePath, ProcedureRule>> = {
  // Sign-up knows nobody: without the cookie of a registration there is nothing to confirm.
  "account.register": { input: () => ({}), outcomes: open("invalid_input"), isAboutRoom: false },
  "account.resendCode": { outcomes: open("code_expired"), isAboutRoom: false },
  "account.confirmEmail": { input: () => ({ code: "000000" }), outcomes: open("code_expired"), isAboutRoom: false },

  "account.me": own(),
  "account.updateProfile": own({ name: "New" }),
  "account.sessions": own(),
  "account.revokeOtherSessions": own(),
  "account.signOut": own(),
  "account.realtimeTicket": own(),
  // The session of the owner is nobody else's to end, and not even known to be one.
  "account.revokeSession": {
    input: ({ people }) => ({ sessionId: people.owner.sessionId }),
    outcomes: { ...signedIn("not_found"), owner: "ok" },
    isAboutRoom: false,
  },

  "contact.findByTag": { input: () => ({ tag: "nobody-0000" }), outcomes: signedIn("not_found"), isAboutRoom: false },
  "translation.support": own(),

  "room.list": own(),
  "room.createGroup": own({ title: "Mine", userIds: [] }),
  "room.openDirect": {
    input: () => ({ userId: newId("usr") }),
    outcomes: signedIn("not_found"),
    isAboutRoom: false,
  },
  "room.get": inRoom((_scene, roomId) => ({ roomId })),
  "room.rename": inRoom((_scene, roomId) => ({ roomId, title: "Mine now" }), "forbidden"),
  "room.addMember": inRoom(({ people }, roomId) => ({ roomId, userId: people.stranger.userId }), "forbidden"),
  "room.removeMember": inRoom(({ people }, roomId) => ({ roomId, userId: people.member.userId }), "forbidden"),
  "room.leave": inRoom((_scene, roomId) => ({ roomId })),

  "message.send": inRoom((_scene, roomId) => ({ roomId, clientId: newClientId(), text: "hello" })),
  "message.history": inRoom((_scene, roomId) => ({ roomId })),
  // A member's message is the member's: also the owner of a room edits and deletes only their own.
  "message.edit": inRoom((_scene, roomId) => ({ roomId, seq: 1, revision: 1, text: "changed" }), "forbidden"),
  "message.delete": inRoom((_scene, roomId) => ({ roomId, seq: 1 }), "forbidden"),
  "message.translate": inRoom((_scene, roomId) => ({ roomId, seqs: [1] })),
  "message.mark": inRoom((_scene, roomId) => ({ roomId, readSeq: 1 })),
  // Leaves out what is not one's own, without a word.
  "message.resume": {
    input: (_scene, roomId) => ({ cursors: [{ roomId, seq: 0, changeSeq: 0 }] }),
    outcomes: signedIn("ok"),
    isAboutRoom: true,
  },
};
