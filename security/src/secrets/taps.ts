import { topologyOf, type Topology } from "@ashchat/messaging/topology";
import { connect, type ChannelModel } from "amqplib";
import { Redis } from "ioredis";

/** Something that was written down, and where. */
export interface Note {
  readonly place: string;
  readonly content: string;
}

/** Hears what others publish: a queue of its own behind each exchange. `left` reads what still lies in the queues. */
export interface BrokerTap {
  readonly heard: readonly Note[];
  left(): Promise<Note[]>;
  /** As a process of ours would. */
  publish(routingKey: string, content: string): Promise<void>;
  close(): Promise<void>;
}

export async function tapBroker({ url, namespace }: { url: string; namespace: string }): Promise<BrokerTap> {
  const topology = topologyOf(namespace);
  const model = await connect(url);
  const channel = await model.createChannel();
  const heard: Note[] = [];
  const { queue } = await channel.assertQueue("", { exclusive: true });
  for (const exchange of [topology.workExchange, topology.deadExchange]) {
    for (const key of Object.keys(topology.queues)) await channel.bindQueue(queue, exchange, key);
  }
  await channel.bindQueue(queue, topology.unroutedExchange, "");
  await channel.consume(queue, (message) => message && heard.push(noteOf(message.fields.exchange, message)), {
    noAck: true,
  });
  return {
    heard,
    left: () => lookIntoQueues(model, topology),
    publish: async (routingKey, content) =>
      void channel.publish(topology.workExchange, routingKey, Buffer.from(content)),
    close: () => model.close(),
  };
}

interface Letter {
  readonly content: Buffer;
  readonly properties: { readonly headers?: unknown };
}

function noteOf(where: string, { content, properties }: Letter): Note {
  const text = content.toString("utf8");
  const type = /"type":"([a-z_.]+)"/u.exec(text)?.[1] ?? "unknown";
  return { place: `${where} ${type}`, content: `${text} ${JSON.stringify(properties.headers ?? {})}` };
}

/** Everything goes back when the channel closes. */
async function lookIntoQueues(model: ChannelModel, { queues, unroutedName }: Topology): Promise<Note[]> {
  const channel = await model.createChannel();
  const notes: Note[] = [];
  const names = Object.values(queues).flatMap(({ name, deadName, retries }) => [
    name,
    deadName,
    ...retries.map((one) => one.name),
  ]);
  for (const name of [...names, unroutedName]) {
    for (let letter = await channel.get(name); letter !== false; letter = await channel.get(name)) {
      notes.push(noteOf(name, letter));
    }
  }
  await channel.close();
  return notes;
}

/** Hears every command that Redis gets, and reads everything that it keeps. */
export interface RedisTap {
  readonly heard: readonly Note[];
  kept(): Promise<Note[]>;
  readonly client: Redis;
  close(): void;
}

export async function tapRedis(url: string, namespace: string): Promise<RedisTap> {
  const client = new Redis(url);
  const monitor = await client.duplicate().monitor();
  const heard: Note[] = [];
  monitor.on("monitor", (_time: string, args: string[]) => {
    if (args.some((arg) => arg.includes(namespace))) heard.push({ place: placeOf(args), content: args.join(" ") });
  });
  return {
    heard,
    client,
    kept: () => readAll(client),
    close: () => {
      monitor.disconnect();
      client.disconnect();
    },
  };
}

/** `publish ns:live:3`, `eval ns:pending:usr_…`: the command and the key. */
function placeOf([command = "", ...args]: string[]): string {
  const isScript = /^eval/iu.test(command);
  return `${command.toLowerCase()} ${(isScript ? args[2] : args[0]) ?? ""}`;
}

/** Every key of every type, with all that is in it. */
async function readAll(client: Redis): Promise<Note[]> {
  const notes: Note[] = [];
  for await (const keys of client.scanStream({ count: 500 })) {
    for (const key of keys as string[]) notes.push({ place: key, content: `${key} ${await readKey(client, key)}` });
  }
  return notes;
}

async function readKey(client: Redis, key: string): Promise<string> {
  switch (await client.type(key)) {
    case "string":
      return (await client.get(key)) ?? "";
    case "hash":
      return JSON.stringify(await client.hgetall(key));
    case "list":
      return JSON.stringify(await client.lrange(key, 0, -1));
    case "set":
      return JSON.stringify(await client.smembers(key));
    case "zset":
      return JSON.stringify(await client.zrange(key, "0", "-1", "WITHSCORES"));
    case "stream":
      return JSON.stringify(await client.xrange(key, "-", "+"));
    case "none":
      return "";
    default:
      throw new Error(`${key} is of a type that nobody reads here`);
  }
}
