import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { withTimeout } from "@ashchat/runtime/timeout";
import type { Channel, GetMessage } from "amqplib";
import { REASON_HEADER, TRIES_HEADER } from "./job";

/** Looks into queues without taking anything out; each look has its own short-lived channel and a deadline. */
export interface DeadLetter {
  readonly reason: string;
  readonly tries: number;
  readonly content: string;
}

export type OpenChannel = () => Promise<Channel> | null;

export async function countMessages(openChannel: OpenChannel, queueName: string): Promise<Result<number, AppError>> {
  return look(openChannel, async (channel) => (await channel.checkQueue(queueName)).messageCount);
}

/** The oldest `limit` letters. They go back into the queue when the channel closes. */
export async function readDeadLetters(
  openChannel: OpenChannel,
  { queueName, limit }: { queueName: string; limit: number },
): Promise<Result<DeadLetter[], AppError>> {
  return look(openChannel, async (channel) => {
    const letters: DeadLetter[] = [];
    while (letters.length < limit) {
      const message = await channel.get(queueName, { noAck: false });
      if (message === false) break;
      letters.push(readLetter(message));
    }
    return letters;
  });
}

async function look<Value>(
  openChannel: OpenChannel,
  read: (channel: Channel) => Promise<Value>,
): Promise<Result<Value, AppError>> {
  try {
    const opened = openChannel();
    if (opened === null) return fail(appError("unavailable", "no connection to the broker"));
    return ok(await withTimeout(lookAndClose(opened, read), LIMITS.publishTimeoutMs, "looking into a queue"));
  } catch (error) {
    return fail(appError("unavailable", "the broker did not answer", { cause: error }));
  }
}

async function lookAndClose<Value>(
  opened: Promise<Channel>,
  read: (channel: Channel) => Promise<Value>,
): Promise<Value> {
  const channel = await opened;
  let broken = false;
  channel.on("error", () => {
    broken = true;
  });
  try {
    return await read(channel);
  } finally {
    if (!broken) await channel.close();
  }
}

function readLetter({ properties, content }: GetMessage): DeadLetter {
  const reason: unknown = properties.headers?.[REASON_HEADER] ?? properties.headers?.["x-first-death-reason"];
  const tries: unknown = properties.headers?.[TRIES_HEADER];
  return {
    reason: typeof reason === "string" ? reason : "unknown",
    tries: typeof tries === "number" ? tries : 0,
    content: content.toString("utf8"),
  };
}
