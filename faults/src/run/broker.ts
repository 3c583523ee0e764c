import { QUEUES } from "@ashchat/contracts/queues";
import { REASON_HEADER } from "@ashchat/messaging/job";
import { connect, type Channel } from "amqplib";
import type { DeadLetterFact, LetterFact } from "../history";

/** What a run does at the broker itself, past the product: plants poison and reads what was set aside. */
const POISON: readonly LetterFact[] = [
  { queue: QUEUES.translation, body: "{ this is no JSON" },
  { queue: QUEUES.translation, body: JSON.stringify({ v: 99, type: "message.translate" }) },
  {
    queue: QUEUES.translation,
    body: JSON.stringify({ v: 1, type: "message.translate", roomId: { $gt: "" }, seq: -1 }),
  },
  { queue: QUEUES.profileCreation, body: "null" },
  { queue: QUEUES.accountCreation, body: JSON.stringify({ v: 1, type: "account.unheard_of" }) },
];

/** Publishes each poison once, confirmed. Returns what it was. */
export async function plantPoison(url: string, namespace: string): Promise<readonly LetterFact[]> {
  return withConnection(url, async (connection) => {
    const channel = await connection.createConfirmChannel();
    for (const { queue, body } of POISON) {
      channel.publish(`${namespace}.work`, queue, Buffer.from(body), { persistent: true, mandatory: true });
    }
    await channel.waitForConfirms();
    return POISON;
  });
}

export async function readSetAside(
  url: string,
  namespace: string,
): Promise<{ deadLetters: DeadLetterFact[]; unrouted: number }> {
  return withConnection(url, async (connection) => {
    const channel = await connection.createChannel();
    const deadLetters: DeadLetterFact[] = [];
    for (const queue of Object.values(QUEUES)) {
      const letters = await readAll(channel, `${namespace}.${queue}.dead`);
      deadLetters.push(...letters.map((letter) => ({ queue, ...letter })));
    }
    const { messageCount: unrouted } = await channel.checkQueue(`${namespace}.unrouted`);
    return { deadLetters, unrouted };
  });
}

/** They go back into their queue when the channel closes. */
async function readAll(channel: Channel, queue: string): Promise<Omit<DeadLetterFact, "queue">[]> {
  const letters: Omit<DeadLetterFact, "queue">[] = [];
  for (;;) {
    const letter = await channel.get(queue, { noAck: false });
    if (letter === false) return letters;
    const headers = letter.properties.headers ?? {};
    const reason: unknown = headers[REASON_HEADER] ?? headers["x-first-death-reason"];
    letters.push({ body: letter.content.toString("utf8"), reason: typeof reason === "string" ? reason : null });
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
