import { connectLoadClient } from "@ashchat/bench/load/client";
import type { RoomId } from "@ashchat/contracts/ids";
import { CLOSE_CODES, PROTOCOL_VERSION, serverFrameSchema } from "@ashchat/contracts/realtime";
import { judgeMemory, describeMemory } from "../memory-report";
import { watchMemory } from "../run/memory";
import { addressOf, seatCrowd, withDeadline } from "./crowd";
import { openHouse, type House, type HouseRoom, type Member } from "./house";
import { createLedger, describeFigures, figuresOf, ms, type LoadFigures } from "./ledger";
import { sendAt } from "./offer";
import { finding, msUntil, type Finding, type Scene } from "./scene";

/** Clients that stop reading their sockets in a busy room: each is cut alone, and comes back without a loss. */
export interface StoppedPlan {
  stopped: number;
  readers: number;
  ratePerSecond: number;
  padding: number;
  /** How long people write before the clients stop, for comparison. */
  beforeMs: number;
  /** How long they write at most until all are cut. */
  untilCutMs: number;
}

const OTHERS_P99_MAX = 1_000;
const MEMORY_EVERY_MS = 500;
const CAUGHT_UP_MS = 20_000;
const QUEUE_MB = 1;
/** The socket's own buffers are the kernel's; what the process holds besides the queues is its working memory. */
const WORKING_MB = 160;
/** How often a process looks at its queues for its metrics, and a little more. */
const SLICE_MS = 500;

export async function runStoppedClients(scene: Scene, plan: StoppedPlan, random: () => number): Promise<Finding[]> {
  const house = await openHouse(scene, {
    people: plan.stopped + plan.readers,
    roomSizes: [plan.stopped + plan.readers],
    everyOther: 0,
  });
  const [room] = house.rooms;
  if (room === undefined) throw new Error("no room");
  const lazy = await Promise.all(
    house.people.slice(0, plan.stopped).map((member) => openReader({ scene, house }, member)),
  );
  const readers = house.people.slice(plan.stopped);
  const ledger = createLedger(() => performance.now());
  const crowd = await seatCrowd(scene, { ...house, people: readers }, ledger);
  const tools = { crowd, house: { ...house, rooms: [{ ...room, members: readers }] }, ledger, random };
  const { ratePerSecond, padding } = plan;
  const before = await sendAt(tools, { ratePerSecond, padding, forMs: plan.beforeMs });
  const cutBefore = await cutCount(scene);
  const memory = watchMemory(() => scene.stack.pids, MEMORY_EVERY_MS);
  for (const { client } of lazy) client.pause();
  const began = performance.now();
  let cut = 0;
  while (cut < plan.stopped && performance.now() - began < plan.untilCutMs) {
    await sendAt(tools, { ratePerSecond, padding, forMs: SLICE_MS });
    cut = (await cutCount(scene)) - cutBefore;
  }
  const writingMs = performance.now() - began;
  await msUntil(() => ledger.open() === 0, OTHERS_P99_MAX * 10);
  memory.stop();
  const during = figuresOf(ledger.sends.slice(before.length), writingMs);
  const quiet = figuresOf(before, plan.beforeMs);
  scene.log(`before: ${describeFigures(quiet)}`);
  scene.log(`${cut} of ${plan.stopped} stopped clients were cut in ${ms(writingMs)}: ${describeFigures(during)}`);
  const peakMb = growthMb(memory.samples);
  scene.log(`the realtime process grew by ${peakMb.toFixed(0)} MB`);
  describeMemory(judgeMemory(memory.samples)).forEach(scene.log);
  const head = ledger.sends.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length;
  const returned = await Promise.all(lazy.map((reader) => comeBack(scene, house, { reader, room, head })));
  const problems = returned.filter((problem) => problem !== null);
  crowd.close();
  await house.close();
  return [
    finding(
      "every client that stops reading is cut",
      cut === plan.stopped,
      `${cut} of ${plan.stopped} cut in ${ms(writingMs)}`,
    ),
    finding(
      "the others of the room are undisturbed: all is delivered within a second (p99), and no more is refused than before",
      isUndisturbed(during, quiet),
      `before: ${describeFigures(quiet)}\nthen: ${describeFigures(during)}`,
    ),
    finding(
      "what waits for stopped clients stays within a mebibyte each",
      peakMb <= plan.stopped * QUEUE_MB + WORKING_MB,
      `the process grew by ${peakMb.toFixed(0)} MB`,
    ),
    finding(
      "a client that was cut comes back and has everything, once and in order",
      problems.length === 0,
      problems.join("\n"),
    ),
    finding("the others saw no hole, repeat or swap", crowd.disorder.length === 0, crowd.disorder.join("\n")),
  ];
}

/** A machine that needs longer than a second already before anybody stopped may not become much slower. */
function isUndisturbed(during: LoadFigures, before: LoadFigures): boolean {
  const refusedShare = ({ refused, offered }: LoadFigures) => refused / Math.max(1, offered);
  return (
    during.unanswered + during.unheard === 0 &&
    during.acceptedP99 <= Math.max(OTHERS_P99_MAX, before.acceptedP99 * SLOWER_MAX) &&
    refusedShare(during) <= refusedShare(before) + REFUSED_MORE_MAX
  );
}

const SLOWER_MAX = 2;
const REFUSED_MORE_MAX = 0.01;

function growthMb(samples: readonly { name: string; residentBytes: number }[]): number {
  const own = samples.filter(({ name }) => name === "realtime").map(({ residentBytes }) => residentBytes);
  return (Math.max(...own) - (own[0] ?? 0)) / 1_048_576;
}

/** Sockets that the process gave up because their queue was full. */
async function cutCount({ internalUrl }: Scene): Promise<number> {
  const metrics = await (await fetch(`${internalUrl}/metrics`)).text();
  const line = metrics
    .split("\n")
    .find((text) => text.startsWith("ashchat_realtime_closes_total") && text.includes('reason="tooSlow"'));
  return Number(line?.split(" ").at(-1) ?? 0);
}

interface Reader {
  member: Member;
  client: { pause(): void; resume(): void; close(): void };
  /** Everything that arrived, in its order. */
  seqs: number[];
  /** Undefined while it is open. */
  closeCode(): number | null | undefined;
}

/** A bare client that remembers what it has, and asks for what it missed. */
async function openReader(
  { scene, house }: { scene: Scene; house: House },
  member: Member,
  resumeFrom?: { roomId: RoomId; seqs: number[]; caughtUp: () => void },
): Promise<Reader> {
  const seqs = resumeFrom?.seqs ?? [];
  let code: number | null | undefined;
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const client = await connectLoadClient({
    port: scene.realtimePort,
    path: "/realtime",
    origin: scene.origin,
    localAddress: addressOf(house.people.indexOf(member)),
    onText(payload) {
      const frame = serverFrameSchema.parse(JSON.parse(payload.toString("utf8")));
      if (frame.t === "ready") ready();
      if (frame.t === "message") seqs.push(frame.message.seq);
      if (frame.t === "page") seqs.push(...frame.messages.map(({ seq }) => seq));
      if (frame.t === "caught_up") resumeFrom?.caughtUp();
    },
    onClose: (closeCode) => (code = closeCode),
  });
  client.send(JSON.stringify({ t: "auth", v: PROTOCOL_VERSION, ticket: await house.ticketFor(member) }));
  await withDeadline(isReady, CAUGHT_UP_MS, `${member.userId} was not let in`);
  if (resumeFrom !== undefined) {
    const cursor = { roomId: resumeFrom.roomId, seq: seqs.at(-1) ?? 0, changeSeq: 0 };
    client.send(JSON.stringify({ t: "resume", cursors: [cursor] }));
  }
  return { member, client, seqs, closeCode: () => code };
}

/** Reads what still waits in its old socket, then resumes from there. Null, or what was wrong. */
async function comeBack(
  scene: Scene,
  house: House,
  { reader, room, head }: { reader: Reader; room: HouseRoom; head: number },
): Promise<string | null> {
  reader.client.resume();
  const endedMs = await msUntil(() => reader.closeCode() !== undefined, CAUGHT_UP_MS);
  if (endedMs === null) return `${reader.member.userId}: its socket was not closed`;
  const code = reader.closeCode();
  // Without a close frame the socket was cut, because not even that fitted into it any more.
  if (code !== null && code !== CLOSE_CODES.tooSlow) return `${reader.member.userId}: closed with ${code}`;
  let isCaughtUp = false;
  const again = await openReader({ scene, house }, reader.member, {
    roomId: room.roomId,
    seqs: reader.seqs,
    caughtUp: () => (isCaughtUp = true),
  });
  const caughtUpMs = await msUntil(() => isCaughtUp, CAUGHT_UP_MS);
  again.client.close();
  if (caughtUpMs === null) return `${reader.member.userId}: not caught up in ${CAUGHT_UP_MS} ms`;
  const isWhole = reader.seqs.length === head && reader.seqs.every((seq, index) => seq === index + 1);
  return isWhole
    ? null
    : `${reader.member.userId}: has ${reader.seqs.length} of ${head}, the last is ${reader.seqs.at(-1)}`;
}
