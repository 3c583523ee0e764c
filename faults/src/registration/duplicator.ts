import { QUEUES } from "@ashchat/contracts/queues";
import { testEnv } from "@ashchat/runtime/testing";
import { connect, type ConsumeMessage } from "amqplib";

/** The queues of a registration. */
const SEQUENCE = [QUEUES.accountCreation, QUEUES.confirmEmailCode, QUEUES.profileCreation] as const;

export interface Duplicator {
  /** How many messages went through the queues of the sequence, without the copies. */
  seen(): Readonly<Record<(typeof SEQUENCE)[number], number>>;
  close(): Promise<void>;
}

/** From now on every message of the sequence arrives `times` times: the broker copies each to us, we put copies into its queue. */
export async function duplicateMessages(namespace: string, times: number): Promise<Duplicator> {
  const connection = await connect(testEnv("ASH_TEST_RABBITMQ_URL"));
  const channel = await connection.createConfirmChannel();
  const { queue: tap } = await channel.assertQueue("", { exclusive: true });
  for (const queue of SEQUENCE) await channel.bindQueue(tap, `${namespace}.work`, queue);
  const seen = { ACCOUNT_CREATION_QUEUE: 0, CONFIRM_EMAIL_CODE_QUEUE: 0, PROFILE_CREATION_QUEUE: 0 };
  const copy = ({ fields, properties, content }: ConsumeMessage) => {
    const queue = SEQUENCE.find((one) => one === fields.routingKey);
    if (queue === undefined) throw new Error(`a message of no queue of the sequence: ${fields.routingKey}`);
    seen[queue] += 1;
    for (let number = 1; number < times; number += 1) {
      channel.publish("", `${namespace}.${queue}`, content, { ...properties, mandatory: true });
    }
  };
  await channel.consume(tap, (message) => message !== null && copy(message), { noAck: true });
  return {
    seen: () => ({ ...seen }),
    close: async () => {
      await channel.waitForConfirms();
      await connection.close();
    },
  };
}
