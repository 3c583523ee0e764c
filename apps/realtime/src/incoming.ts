import { appError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { clientFrameSchema, PROTOCOL_VERSION, type ClientFrame } from "@ashchat/contracts/realtime";
import type { Connection, SignedIn } from "./connection";
import type { IncomingData } from "./connections";
import type { NodeLimits } from "./limits";
import { encodeFrame } from "./outbox";
import type { Receipts } from "./receipts";
import type { Registry } from "./registry";
import type { Sends } from "./sends";
import { takeToken } from "./token-bucket";
import type { TypingThrottle } from "./typing";

/**
 * Every frame that a client sends: counted against the person's token bucket, parsed once, then handed to whoever answers
 * it. What cannot be parsed gets `frame_malformed`, the third one closes. A frame beyond the bucket is refused with
 * `rate_limited`; a client that goes on for another burst is flooding and closed.
 */
export interface IncomingDeps {
  readonly registry: Registry<Connection>;
  readonly limits: NodeLimits;
  readonly now: () => number;
  readonly sends: Sends;
  readonly receipts: Receipts;
  readonly typing: TypingThrottle;
  announceTyping(roomId: RoomId, userId: UserId): void;
  authenticate(connection: Connection, ticket: string): void;
  resume(connection: Connection, cursors: Extract<ClientFrame, { t: "resume" }>["cursors"]): void;
  onFrame(kind: ClientFrame["t"] | "malformed"): void;
}

const PONG = encodeFrame({ t: "pong" });

export function handleIncoming(deps: IncomingDeps, connection: Connection, incoming: IncomingData): void {
  if (connection.isClosed) return;
  connection.heardAt = deps.now();
  const frame = "data" in incoming ? parseFrame(incoming.data) : null;
  deps.onFrame(frame?.t ?? "malformed");
  if (connection.phase === "waiting") {
    handleFirst(deps, connection, frame);
    return;
  }
  if (!mayPass(deps, connection, frame)) return;
  const { signedIn } = connection;
  // A second auth, or a client that does not wait for `ready`.
  if (frame === null || frame.t === "auth" || connection.phase !== "ready" || signedIn === null) {
    refuseMalformed(deps, connection, frame);
    return;
  }
  handleFrame(deps, connection, { frame, signedIn });
}

function parseFrame(data: string): ClientFrame | null {
  const value = parseJson(data);
  const parsed = clientFrameSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // No JSON is no frame: the schema refuses null.
    return null;
  }
}

function handleFirst(deps: IncomingDeps, connection: Connection, frame: ClientFrame | null): void {
  if (frame === null) connection.close("malformed");
  else if (frame.t !== "auth") connection.close("ticketRefused");
  else if (frame.v !== PROTOCOL_VERSION) connection.close("malformed");
  else deps.authenticate(connection, frame.ticket);
}

function mayPass(deps: IncomingDeps, connection: Connection, frame: ClientFrame | null): boolean {
  const { limits, now } = deps;
  const size = { burst: limits.framesBurst, perSecond: limits.framesPerSecond };
  const waitMs = connection.bucket === null ? 0 : takeToken(connection.bucket, size, now());
  if (waitMs === 0) {
    connection.refusedFrames = 0;
    return true;
  }
  connection.refusedFrames += 1;
  if (connection.refusedFrames > limits.framesBurst) {
    connection.close("flooded");
    return false;
  }
  const about = frame?.t === "send" ? { ref: frame.clientId, roomId: frame.roomId } : {};
  connection.refuse(appError("rate_limited", "too many frames", { retryAfterMs: waitMs }), about);
  return false;
}

function refuseMalformed(deps: IncomingDeps, connection: Connection, frame: ClientFrame | null): void {
  connection.malformedFrames += 1;
  const about = frame?.t === "send" ? { ref: frame.clientId, roomId: frame.roomId } : {};
  connection.refuse(appError("frame_malformed", "not a frame, or not now"), about);
  if (connection.malformedFrames >= deps.limits.malformedFramesMax) connection.close("malformed");
}

function handleFrame(
  deps: IncomingDeps,
  connection: Connection,
  { frame, signedIn }: { frame: Exclude<ClientFrame, { t: "auth" }>; signedIn: SignedIn },
): void {
  const { userId } = signedIn;
  switch (frame.t) {
    case "ping":
      connection.push(PONG);
      return;
    case "send":
      deps.sends.handle(connection, userId, frame);
      return;
    case "resume":
      deps.resume(connection, frame.cursors);
      return;
    case "typing":
      if (isReader(deps, connection, frame.roomId) && deps.typing.mayAnnounce(userId, frame.roomId)) {
        deps.announceTyping(frame.roomId, userId);
      }
      return;
    case "delivered":
      if (isReader(deps, connection, frame.roomId))
        deps.receipts.note(userId, frame.roomId, { deliveredSeq: frame.seq });
      return;
    case "read":
      if (isReader(deps, connection, frame.roomId)) deps.receipts.note(userId, frame.roomId, { readSeq: frame.seq });
      return;
  }
}

/** Refuses strangers. */
function isReader({ registry }: IncomingDeps, connection: Connection, roomId: RoomId): boolean {
  if (registry.subscription(connection, roomId) !== undefined) return true;
  connection.refuse(appError("not_found", "not a member of this room"), { roomId });
  return false;
}
