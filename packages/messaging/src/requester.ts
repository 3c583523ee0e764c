import { randomUUID } from "node:crypto";
import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import {
  confirmEmailCodeReplySchema,
  type ConfirmEmailCodeReply,
  type QueueBody,
  type QueueName,
  type QUEUES,
} from "@ashchat/contracts/queues";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Channel, ConsumeMessage } from "amqplib";
import type { Outgoing, Sender } from "./sender";

/**
 * Questions over a queue: a correlation id per question, the answer by the broker's direct reply-to (no queue is kept for
 * it), and a deadline after which neither side cares. A question whose connection broke ends as `unavailable`; whether it
 * was answered is unknown, so questions must be safe to repeat.
 */
export type RequestQueue = typeof QUEUES.confirmEmailCode;

const REPLY_TO = "amq.rabbitmq.reply-to";

type Answer = Result<unknown, AppError>;

export interface Requester {
  /** Must be the channel on which the questions are published. */
  attach(channel: Channel): Promise<void>;
  detach(): void;
  request(queue: RequestQueue, body: QueueBody<RequestQueue>): Promise<Result<ConfirmEmailCodeReply, AppError>>;
}

export interface RequesterOptions {
  readonly sender: Sender;
  readonly outgoing: (queue: QueueName, body: unknown) => Outgoing;
  readonly now: () => number;
}

export function createRequester(options: RequesterOptions): Requester {
  const pending = new Map<string, (answer: Answer) => void>();
  return {
    attach: async (channel) => {
      await channel.consume(REPLY_TO, (message) => receive(pending, message), { noAck: true });
    },
    detach: () => {
      for (const answer of pending.values())
        answer(fail(appError("unavailable", "the connection broke before the answer")));
    },
    request: async (queue, body) => {
      if (pending.size >= LIMITS.rpcPendingMax) return fail(appError("overloaded", "too many open questions"));
      const answer = await ask(pending, options, { queue, body });
      if (!answer.ok) return answer;
      const reply = confirmEmailCodeReplySchema.safeParse(answer.value);
      return reply.success ? ok(reply.data) : fail(appError("internal", `an answer of unknown shape on ${queue}`));
    },
  };
}

function ask(
  pending: Map<string, (answer: Answer) => void>,
  { sender, outgoing, now }: RequesterOptions,
  { queue, body }: { queue: RequestQueue; body: QueueBody<RequestQueue> },
): Promise<Answer> {
  const correlationId = randomUUID();
  const timeoutMs = Math.max(0, Math.min(LIMITS.rpcTimeoutMs, body.deadlineAt - now()));
  return new Promise((resolve) => {
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      pending.delete(correlationId);
      resolve(answer);
    };
    const timer = setTimeout(
      () => finish(fail(appError("timeout", `no answer on ${queue} within ${timeoutMs} ms`))),
      timeoutMs,
    );
    pending.set(correlationId, finish);
    void sender.send({ ...outgoing(queue, body), properties: { correlationId, replyTo: REPLY_TO } }).then((sent) => {
      if (!sent.ok) finish(sent);
    });
  });
}

function receive(pending: Map<string, (answer: Answer) => void>, message: ConsumeMessage | null): void {
  const correlationId: unknown = message?.properties.correlationId;
  if (message === null || typeof correlationId !== "string") return;
  // An unknown id is an answer that came after its deadline.
  pending.get(correlationId)?.(parseAnswer(message.content));
}

function parseAnswer(content: Buffer): Answer {
  try {
    const value: unknown = JSON.parse(content.toString("utf8"));
    return ok(value);
  } catch (error) {
    return fail(appError("internal", "an answer that is no JSON", { cause: error }));
  }
}
