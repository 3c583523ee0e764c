import { appError } from "@ashchat/contracts/errors";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { ReadyFrame, ServerFrame } from "@ashchat/contracts/realtime";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { fail, ok } from "@ashchat/contracts/result";
import { describe, expect, it } from "vitest";
import type { RealtimeApi } from "./api";
import type { SocketEvents } from "./environment";
import type { SocketState } from "./socket";
import { createSocket, reconnectDelayMs } from "./socket";
import { createFakeClock } from "./testing/fake-clock";
import { createFakeSignals } from "./testing/tabs";

const READY: ReadyFrame = {
  t: "ready",
  v: 1,
  userId: newId("usr"),
  sessionId: newId("ses"),
  serverTime: 0,
  rooms: [],
  presence: [],
};
const TICKET = { ticket: "t".repeat(32), url: "ws://test", expiresAt: 0 };

/** A socket whose other end the test plays. */
function play(ticket: RealtimeApi["ticket"] = async () => ok(TICKET)) {
  const clock = createFakeClock();
  const signals = createFakeSignals();
  const states: SocketState[] = [];
  const frames: ServerFrame[] = [];
  const opened: { events: SocketEvents; sent: unknown[]; closedWith: number | null }[] = [];
  const socket = createSocket({
    ticket,
    environment: {
      clock,
      signals,
      openSocket(_url, events) {
        const line: (typeof opened)[number] = { events, sent: [], closedWith: null };
        opened.push(line);
        return { send: (text) => line.sent.push(JSON.parse(text)), close: (code) => (line.closedWith = code) };
      },
    },
    onState: (state) => states.push(state),
    onReady: (ready) => frames.push(ready),
    onFrame: (frame) => frames.push(frame),
  });
  const last = () => {
    const line = opened.at(-1);
    if (line === undefined) throw new Error("no socket was opened");
    return line;
  };
  const say = (frame: unknown) => last().events.onText(JSON.stringify(frame));
  async function live(): Promise<void> {
    await clock.advance(0);
    last().events.onOpen();
    say(READY);
  }
  return {
    clock,
    signals,
    socket,
    states,
    frames,
    opened,
    last,
    say,
    live,
    kinds: () => states.map(({ kind }) => kind),
  };
}

describe("the socket's states", () => {
  it("idle → connecting → authenticating → live; the ticket is the first thing said", async () => {
    const { socket, kinds, last, live, frames } = play();
    socket.start();
    await live();
    expect(kinds()).toEqual(["connecting", "authenticating", "live"]);
    expect(last().sent).toEqual([{ t: "auth", v: 1, ticket: TICKET.ticket }]);
    expect(frames).toEqual([READY]);
  });

  it("nothing can be sent before live, and nothing is lost silently", async () => {
    const { socket, live, last } = play();
    expect(socket.send({ t: "ping" })).toBe(false);
    socket.start();
    expect(socket.send({ t: "ping" })).toBe(false);
    await live();
    expect(socket.send({ t: "ping" })).toBe(true);
    expect(last().sent).toHaveLength(2);
  });

  it.each([CLOSE_CODES.goingAway, CLOSE_CODES.ticketRefused, CLOSE_CODES.tooSlow, CLOSE_CODES.overloaded, 1006])(
    "closed with %i: waits, then comes back with a new ticket",
    async (code) => {
      let tickets = 0;
      const { socket, live, last, clock, states, opened } = play(async () => {
        tickets += 1;
        return ok(TICKET);
      });
      socket.start();
      await live();
      last().events.onClose(code);
      const waiting = states.at(-1);
      expect(waiting).toMatchObject({ kind: "waiting" });
      const retryAt = waiting?.kind === "waiting" ? (waiting.retryAt ?? 0) : 0;
      expect(retryAt - clock.now()).toBeGreaterThanOrEqual(LIMITS.reconnectDelayMinMs);
      expect(retryAt - clock.now()).toBeLessThanOrEqual(LIMITS.reconnectDelayMaxMs);
      await clock.advance(retryAt - clock.now());
      expect(opened).toHaveLength(2);
      expect(tickets).toBe(2);
    },
  );

  it("a ticket that no server was shown serves the next tries, as long as it will live through one", async () => {
    let tickets = 0;
    const { socket, last, clock, opened } = play(async () => {
      tickets += 1;
      return ok({ ...TICKET, ticket: `${tickets}`.repeat(32) });
    });
    socket.start();
    await clock.advance(0);
    const firstAt = clock.now();
    const freshMs = LIMITS.ticketTtlMs - LIMITS.sendTimeoutMs;
    while (tickets === 1) {
      expect(clock.now() - firstAt).toBeLessThanOrEqual(freshMs + LIMITS.reconnectDelayMaxMs);
      const tries = opened.length;
      last().events.onClose(1006);
      while (opened.length === tries) await clock.advance(LIMITS.reconnectDelayMinMs);
    }
    expect(opened.length).toBeGreaterThan(3);
    expect(clock.now() - firstAt).toBeGreaterThan(freshMs);
    last().events.onOpen();
    expect(last().sent).toEqual([{ t: "auth", v: 1, ticket: "2".repeat(32) }]);
  });

  it("a try that was given up before its ticket came leaves it to the next: nothing is asked twice", async () => {
    const asked: ((answer: Awaited<ReturnType<RealtimeApi["ticket"]>>) => void)[] = [];
    const { socket, clock, states, opened } = play(() => new Promise((resolve) => asked.push(resolve)));
    socket.start();
    await clock.advance(LIMITS.sendTimeoutMs + LIMITS.reconnectDelayMaxMs);
    expect(states.filter(({ kind }) => kind === "connecting").length).toBeGreaterThan(1);
    expect(asked).toHaveLength(1);
    await clock.advance(0);
    while (states.at(-1)?.kind !== "connecting") await clock.advance(LIMITS.reconnectDelayMinMs);
    asked[0]?.(ok(TICKET));
    await clock.advance(0);
    expect(opened).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  it("a ticket that was refused is asked for again", async () => {
    let tickets = 0;
    const { socket, clock, live, states } = play(async () => {
      tickets += 1;
      return tickets === 1 ? fail(appError("unavailable", "")) : ok(TICKET);
    });
    socket.start();
    await clock.advance(LIMITS.reconnectDelayMinMs * 2);
    await live();
    expect(tickets).toBe(2);
    expect(states.at(-1)).toEqual({ kind: "live" });
  });

  it.each([CLOSE_CODES.signedOut, CLOSE_CODES.forbidden])("closed with %i: stops for good", async (code) => {
    const { socket, live, last, clock, states, opened } = play();
    socket.start();
    await live();
    last().events.onClose(code);
    await clock.advance(LIMITS.reconnectDelayMaxMs * 3);
    socket.reconnectNow();
    expect(states.at(-1)).toEqual({ kind: "stopped", reason: "signed_out" });
    expect(opened).toHaveLength(1);
  });

  it("a ticket refused because nobody is signed in stops; any other failure waits", async () => {
    const signedOut = play(async () => fail(appError("not_signed_in", "")));
    signedOut.socket.start();
    await signedOut.clock.advance(0);
    expect(signedOut.states.at(-1)?.kind).toBe("stopped");
    const down = play(async () => fail(appError("unavailable", "")));
    down.socket.start();
    await down.clock.advance(0);
    expect(down.states.at(-1)?.kind).toBe("waiting");
  });

  it("a connection that does not become live in time is given up", async () => {
    const { socket, clock, last, states } = play();
    socket.start();
    await clock.advance(0);
    last().events.onOpen();
    await clock.advance(LIMITS.sendTimeoutMs);
    expect(last().closedWith).not.toBeNull();
    expect(states.at(-1)?.kind).toBe("waiting");
  });

  it("`reconnect` leaves and comes back after the time that the server names", async () => {
    const { socket, clock, live, say, states, opened } = play();
    socket.start();
    await live();
    say({ t: "reconnect", afterMs: 3_000 });
    expect(states.at(-1)).toEqual({ kind: "waiting", retryAt: clock.now() + 3_000 });
    await clock.advance(3_000);
    expect(opened).toHaveLength(2);
  });

  it("stop ends everything, and start begins anew", async () => {
    const { socket, clock, live, last, states, opened } = play();
    socket.start();
    await live();
    socket.stop();
    expect(last().closedWith).toBe(CLOSE_CODES.normal);
    await clock.advance(LIMITS.reconnectDelayMaxMs * 2);
    expect(states.at(-1)).toEqual({ kind: "idle" });
    socket.start();
    await live();
    expect(states.at(-1)).toEqual({ kind: "live" });
    expect(opened).toHaveLength(2);
  });

  it("what an older connection still says is dropped", async () => {
    const { socket, live, opened, frames, states } = play();
    socket.start();
    await live();
    opened[0]?.events.onClose(1006);
    socket.reconnectNow();
    await live();
    expect(opened).toHaveLength(2);
    const heard = frames.length;
    opened[0]?.events.onText(JSON.stringify({ t: "pong" }));
    opened[0]?.events.onText(JSON.stringify(READY));
    opened[0]?.events.onClose(CLOSE_CODES.signedOut);
    expect(frames).toHaveLength(heard);
    expect(states.at(-1)?.kind).toBe("live");
  });
});

describe("the socket and its surroundings", () => {
  it("offline: waits without a time; online: connects at once", async () => {
    const { socket, live, signals, states, clock } = play();
    socket.start();
    await live();
    signals.set({ online: false });
    expect(states.at(-1)).toEqual({ kind: "waiting", retryAt: null });
    await clock.advance(LIMITS.reconnectDelayMaxMs * 2);
    expect(states.at(-1)?.kind).toBe("waiting");
    signals.set({ online: true });
    expect(states.at(-1)?.kind).toBe("connecting");
  });

  it("a page that becomes visible does not wait for its turn", async () => {
    const { socket, live, last, signals, states } = play();
    socket.start();
    await live();
    signals.set({ visible: false });
    last().events.onClose(1006);
    expect(states.at(-1)?.kind).toBe("waiting");
    signals.set({ visible: true });
    expect(states.at(-1)?.kind).toBe("connecting");
  });

  it("pings, and takes a silent connection for dead", async () => {
    const { socket, live, last, clock, states } = play();
    socket.start();
    await live();
    await clock.advance(LIMITS.heartbeatIntervalMs);
    expect(last().sent.at(-1)).toEqual({ t: "ping" });
    expect(states.at(-1)?.kind).toBe("live");
    await clock.advance(LIMITS.silentSocketMs);
    expect(states.some(({ kind }) => kind === "waiting")).toBe(true);
  });

  it("stays live as long as pongs come", async () => {
    const { socket, live, say, clock, kinds } = play();
    socket.start();
    await live();
    for (let beat = 0; beat < 10; beat += 1) {
      await clock.advance(LIMITS.heartbeatIntervalMs);
      say({ t: "pong" });
    }
    expect(kinds()).toEqual(["connecting", "authenticating", "live"]);
  });

  it("a connection that died in its sleep is found out when the page is looked at", async () => {
    const { socket, live, signals, clock, states } = play();
    socket.start();
    await live();
    await clock.advance(1);
    signals.set({ visible: true });
    await clock.advance(LIMITS.sendTimeoutMs);
    expect(states.at(-1)?.kind).toBe("waiting");
  });

  it("ignores frames that it does not know and texts that are no frames", async () => {
    const { socket, live, say, last, frames, states } = play();
    socket.start();
    await live();
    say({ t: "reaction", roomId: "later" });
    say({ t: "ack" });
    last().events.onText("{not json");
    expect(frames).toEqual([READY]);
    expect(states.at(-1)?.kind).toBe("live");
  });
});

it("waits of reconnects lie between half a second and half a minute and spread over the whole step", () => {
  for (let attempt = 1; attempt < 100; attempt += 1) {
    expect(reconnectDelayMs(attempt, 0)).toBe(LIMITS.reconnectDelayMinMs);
    expect(reconnectDelayMs(attempt, 0.999999)).toBeLessThanOrEqual(LIMITS.reconnectDelayMaxMs);
  }
  expect(reconnectDelayMs(1, 0.5)).toBeLessThan(reconnectDelayMs(5, 0.5));
});
