import { QUEUES } from "@ashchat/contracts/queues";
import { connect, type Channel } from "amqplib";

/** What a run does at the broker itself, past the product: plants poison and counts what was set aside. */
const POISON: readonly (readonly [string, string])[] = [
  [QUEUES.translation, "{ this is no JSON"],
  [QUEUES.translation, JSON.stringify({ v: 99, type: "message.translate" })],
  [QUEUES.translation, JSON.stringify({ v: 1, type: "message.translate", roomId: { $gt: "" }, seq: -1 })],
  [QUEUES.profileCreation, "null"],
  [QUEUES.accountCreation, JSON.stringify({ v: 1, type: "account.unheard_of" })],
];

/** Publishes each poison once, confirmed. Returns how many. */
export async function plantPoison(url: string, namespace: string): Promise<number> {
  return withConnection(url, async (connection) => {
    const channel = await connection.createConfirmChannel();
    for (const [queue, content] of POISON) {
      channel.publish(`${namespace}.work`, queue, Buffer.from(content), { persistent: true, mandatory: true });
    }
    await channel.waitForConfirms();
    return POISON.length;
  });
}

export interface SetAside {
  deadLetters: number;
  /** Their reasons and beginnings, for a report of what went wrong. */
  reasons: readonly string[];
  unrouted: number;
}

const SHOWN_CHARS = 200;

export async function countSetAside(url: string, namespace: string): Promise<SetAside> {
  return withConnection(url, async (connection) => {
    const channel = await connection.createChannel();
    const reasons: string[] = [];
    for (const queue of Object.values(QUEUES)) {
      const deadName = `${namespace}.${queue}.dead`;
      reasons.push(...(await readAll(channel, deadName)));
    }
    const { messageCount: unrouted } = await channel.checkQueue(`${namespace}.unrouted`);
    return { deadLetters: reasons.length, reasons, unrouted };
  });
}

/** They go back into their queue when the channel closes. */
async function readAll(channel: Channel, queue: string): Promise<string[]> {
  const letters: string[] = [];
  for (;;) {
    const letter = await channel.get(queue, { noAck: false });
    if (letter === false) return letters;
    const { headers } = letter.properties;
    letters.push(`${queue} ${JSON.stringify(headers)} ${letter.content.toString("utf8").slice(0, SHOWN_CHARS)}`);
  }
}

async function withConnection<Value>(
  url: string,
  use: (connection: Awaited<ReturnType<typeof connect>>) => Promise<Value>,
): Promise<Value> {
  const connection = await connect(url);
  connection.on("error", () => undefined); // the call in flight rejects
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
