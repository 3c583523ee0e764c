import { newId } from "@ashchat/contracts/ids";
import type { QueueBody } from "@ashchat/contracts/queues";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics, type Metrics } from "@ashchat/runtime/metrics";
import { testEnv, uniqueName } from "@ashchat/runtime/testing";
import { connect, type Channel } from "amqplib";
import { connectMessaging, type Messaging, type MessagingOptions } from "./connect";
import { deleteTopology, topologyOf, type Topology } from "./topology";

/** A namespace of its own on a real broker, with raw access for what the product cannot do, and its clean-up. */
export interface MessagingBench {
  readonly url: string;
  readonly topology: Topology;
  readonly metrics: Metrics;
  open(more?: Partial<MessagingOptions>): Promise<Messaging>;
  /** Without our publisher: any bytes into any queue. */
  raw<Value>(use: (channel: Channel) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

/** Short, so that a test sees all tries. */
export const RETRY_DELAYS_MS = [20, 20, 20, 20];

export function messagingBench(url: string = testEnv("ASH_TEST_RABBITMQ_URL")): MessagingBench {
  const namespace = uniqueName("test");
  const topology = topologyOf(namespace, RETRY_DELAYS_MS);
  const metrics = createMetrics({ process: "test", defaults: false });
  const opened: Messaging[] = [];
  const raw: MessagingBench["raw"] = async (use) => {
    const connection = await connect(url);
    try {
      return await use(await connection.createChannel());
    } finally {
      await connection.close();
    }
  };
  return {
    url,
    topology,
    metrics,
    raw,
    open: async (more = {}) => {
      const options = { url, namespace, metrics, log: silentLogger(), retryDelaysMs: RETRY_DELAYS_MS, ...more };
      const messaging = await connectMessaging(options);
      opened.push(messaging);
      return messaging;
    },
    close: async () => {
      await Promise.all(opened.map((messaging) => messaging.close()));
      await raw((channel) => deleteTopology(channel, topology));
    },
  };
}

export function translationJob(seq = 1): QueueBody<"TRANSLATION_QUEUE"> {
  const correlationId = newCorrelationId();
  return {
    v: 1,
    type: "message.translate",
    correlationId,
    roomId: newId("room"),
    seq,
    revision: 1,
    language: "en",
    clientId: null,
  };
}

export function profileJob(): QueueBody<"PROFILE_CREATION_QUEUE"> {
  return { v: 1, type: "profile.create", correlationId: newCorrelationId(), userId: newId("usr") };
}

export function codeQuestion(deadlineAt: number): QueueBody<"CONFIRM_EMAIL_CODE_QUEUE"> {
  const correlationId = newCorrelationId();
  return {
    v: 1,
    type: "code.confirm",
    correlationId,
    registrationId: newId("usr"),
    purpose: "registration",
    code: "123456",
    deadlineAt,
  };
}
