import { newClientId, type RoomId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { openClient, type Client } from "@ashchat/realtime/testing/client";
import { waitFor } from "@ashchat/runtime/testing";
import type { OpenHouse, Person } from "./open-house";
import { starvedMs } from "./starvation";

interface TalkReport {
  readonly messages: number;
  /** The longest time that a message took to arrive, without the time in which sender or server had no processor. */
  readonly slowestMs: number;
}

/** Each says something this often: below what a person may send in a second. */
const PAUSE_MS = 100;
const MESSAGE_MS = 10_000;

export interface Bystanders {
  stop(): Promise<TalkReport>;
}

/** Pairs of people who talk to each other until `stop`, which fails where a message never came; at `url` or the attacked. */
export async function startBystanders(house: OpenHouse, pairs: number, url = house.realtimeUrl): Promise<Bystanders> {
  let isRunning = true;
  const talks = await Promise.all(
    Array.from({ length: pairs }, () => startPair({ ...house, realtimeUrl: url }, () => isRunning)),
  );
  return {
    async stop() {
      isRunning = false;
      const reports = await Promise.all(talks.map((talk) => talk()));
      return {
        messages: reports.reduce((sum, report) => sum + report.messages, 0),
        slowestMs: Math.round(Math.max(...reports.map((report) => report.slowestMs))),
      };
    },
  };
}

/** Returns what waits for the end of the talk. */
async function startPair(house: OpenHouse, goesOn: () => boolean): Promise<() => Promise<TalkReport>> {
  const [ana, ben] = [await house.person(), await house.person()];
  const roomId = await house.direct(ana.userId, ben.userId);
  const [writer, reader] = [await connect(house, ana), await connect(house, ben)];
  const server = house.realtimeUrl === house.quietRealtimeUrl ? "realtime-2" : "realtime";
  const pids = [process.pid, house.pids[server] ?? 0];
  const talking = talk({ writer, reader, roomId, pids, goesOn });
  // Its failure is told by whoever awaits it.
  talking.catch(() => undefined);
  return () =>
    talking.finally(() => {
      writer.terminate();
      reader.terminate();
    });
}

/** A socket of the person that is signed in. */
export async function connect(house: OpenHouse, person: Person): Promise<Client> {
  const client = await openClient({ port: Number(new URL(house.realtimeUrl).port), origin: house.webUrl });
  client.send({ t: "auth", v: PROTOCOL_VERSION, ticket: await house.ticket(person) });
  await client.ready();
  return client;
}

interface Talk {
  readonly writer: Client;
  readonly reader: Client;
  readonly roomId: RoomId;
  readonly pids: readonly number[];
  readonly goesOn: () => boolean;
}

async function talk({ writer, reader, roomId, pids, goesOn }: Talk): Promise<TalkReport> {
  let slowestMs = 0;
  let messages = 0;
  do {
    const [startedAt, starvedBefore] = [performance.now(), starvedMs(pids)];
    await saySomething({ writer, reader, roomId, pids, goesOn }, `message ${messages}`);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt - (starvedMs(pids) - starvedBefore));
    messages += 1;
    // Who says nothing for long is taken for gone.
    reader.send({ t: "ping" });
    // What was seen is forgotten, so that a long talk stays as quick as a short one.
    reader.frames.length = 0;
    writer.frames.length = 0;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (goesOn());
  return { messages, slowestMs };
}

/** As the product's own client: what is refused for now is said again under the same id, and counts as one message. */
async function saySomething({ writer, reader, roomId }: Talk, text: string): Promise<void> {
  const clientId = newClientId();
  const isHeard = () => reader.all("message").some(({ message }) => message.clientId === clientId);
  const refusal = () => writer.all("error").find(({ ref, retryable }) => ref === clientId && retryable);
  do {
    writer.frames.length = 0;
    writer.say(roomId, text, clientId);
    await waitFor(() => isHeard() || refusal(), { deadlineMs: MESSAGE_MS, what: "a message or its refusal" });
  } while (!isHeard());
}
