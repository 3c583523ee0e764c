import type { Facts } from "./facts";
import type { Evidence, ResumeRecord, Violation } from "./history";

/** Invariant 5 of docs/reliability.md: what devices hear while they are connected, and when they come back. */

/** Live, k never comes after k+1; a resume goes on after the last message shown. */
export function checkLiveOrder({ evidence }: Pick<Facts, "evidence">): Violation[] {
  const violations: Violation[] = [];
  const cursors = new Map<string, number>();
  for (const record of evidence.records) {
    if (record.kind !== "shown" && record.kind !== "resume_from" && record.kind !== "jump") continue;
    const key = `${record.device} ${record.roomId}`;
    const expected = (cursors.get(key) ?? 0) + 1;
    cursors.set(key, record.seq);
    if (record.kind === "shown" && record.seq !== expected)
      violations.push({ invariant: 5, detail: `${key}: showed ${record.seq}, expected ${expected}` });
  }
  return violations;
}

/** The questions of one room on one socket. */
interface Resuming {
  asked: number;
  answered: number;
  /** Nothing has come since the last question. */
  isWaiting: boolean;
}

/**
 * Every answer has a question of its own: a room that is asked for again while it waits is answered once, so there may be fewer. On a
 * socket that lives to the end the last question of each room has its answer.
 */
export function checkResumes({ records }: Pick<Evidence, "records">): Violation[] {
  const sockets = new Map<string, Map<string, Resuming>>();
  const violations: Violation[] = [];
  for (const record of records) {
    switch (record.kind) {
      case "resume_from":
      case "caught_up":
      case "resync": {
        const socket = `${record.device} socket ${record.socket}`;
        const rooms = sockets.get(socket) ?? new Map<string, Resuming>();
        sockets.set(socket, rooms);
        const room = rooms.get(record.roomId) ?? { asked: 0, answered: 0, isWaiting: false };
        rooms.set(record.roomId, after(room, record.kind));
        if (record.kind !== "resume_from" && room.answered >= room.asked)
          violations.push({ invariant: 5, detail: `${socket}: ${record.kind} in ${record.roomId} without a resume` });
        break;
      }
      case "socket_closed":
        sockets.delete(`${record.device} socket ${record.socket}`);
        break;
      default: // says nothing of catching up
    }
  }
  for (const [socket, rooms] of sockets) {
    for (const [roomId, { isWaiting }] of rooms)
      if (isWaiting) violations.push({ invariant: 5, detail: `${socket}: never caught up in ${roomId}` });
  }
  return violations;
}

function after({ asked, answered }: Resuming, kind: ResumeRecord["kind"]): Resuming {
  if (kind === "resume_from") return { asked: asked + 1, answered, isWaiting: true };
  return { asked, answered: answered + 1, isWaiting: false };
}
