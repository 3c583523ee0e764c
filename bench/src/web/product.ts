import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { historyOutputSchema, roomListOutputSchema, sendMessageOutputSchema } from "@ashchat/contracts/api";
import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import { startRecordingEngine } from "@ashchat/translate/testing/recording-engine";
import { openVisitor, type Visitor } from "@ashchat/visitor/browser";
import * as z from "zod/mini";
// @boundaries-ignore the product is started here as it is everywhere
import { portsFromBase, startStack } from "../../../tools/stack.mjs";
import type { BenchOptions } from "../main";
import { ordinaryText } from "../translate/texts";
import { productEnvironment } from "./product-environment";

/** The product as built, with a person signed in whose conversation has 50 messages in another language. */
export interface Product {
  url: string;
  roomId: RoomId;
  /** Of the signed-in person. */
  cookies: string;
  stop(): Promise<void>;
}

const MESSAGES = 50;
const TRANSLATED_DEADLINE_MS = 60_000;
const POLL_MS = 200;
const demoSchema = z.object({ email: z.string(), password: z.string(), language: z.string() });

export async function startProduct(options: BenchOptions): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), "ashchat-bench-"));
  const engine = await startRecordingEngine(0, 0);
  const ports = portsFromBase(options.firstPort);
  const namespace = `bench-${newId("room").slice(-10)}`;
  const mongodbUrl = new URL(options.mongodbUrl);
  mongodbUrl.pathname = `/${namespace}`;
  const house = { ...options, mongodbUrl: mongodbUrl.href, namespace };
  const env = productEnvironment(house, { engineUrl: engine.url, ports });
  await runWorker("migrate", env);
  const people = (await runWorker("demo", env))
    .trim()
    .split("\n")
    .map((line) => demoSchema.parse(JSON.parse(line)));
  const stack = await startStack({ env, ports, dir, processes: ["web", "realtime", "translation"] });
  const reader = await signIn(
    stack.urls.web,
    people.find(({ language }) => language === "en"),
  );
  const writer = await signIn(
    stack.urls.web,
    people.find(({ language }) => language === "es"),
  );
  const roomId = await talk(reader, writer);
  return {
    url: stack.urls.web,
    roomId,
    cookies: reader.cookies(),
    async stop() {
      await stack.stop();
      await engine.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function runWorker(name: "migrate" | "demo", env: Readonly<Record<string, string>>): Promise<string> {
  const file = fileURLToPath(new URL(`../../../apps/workers/dist/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { ...process.env, ...env } });
  return stdout;
}

async function signIn(baseUrl: string, person: z.infer<typeof demoSchema> | undefined): Promise<Visitor> {
  const visitor = openVisitor({ baseUrl });
  const isIn = person !== undefined && (await visitor.signIn(person.email, person.password));
  if (!isIn) throw new Error("somebody of the demonstration could not sign in");
  return visitor;
}

/** Writes until the direct conversation has its messages, and waits until the reader has them all translated. */
async function talk(reader: Visitor, writer: Visitor): Promise<RoomId> {
  const { rooms } = await writer.query("room.list", undefined, roomListOutputSchema);
  const roomId = rooms.find(({ kind }) => kind === "direct")?.roomId;
  if (roomId === undefined) throw new Error("the demonstration has no direct conversation");
  for (let index = await countOf(reader, roomId); index < MESSAGES; index += 1) {
    const input = { roomId, clientId: newClientId(), text: ordinaryText(index) };
    await writer.mutate("message.send", input, sendMessageOutputSchema);
  }
  const until = Date.now() + TRANSLATED_DEADLINE_MS;
  while (Date.now() < until) {
    const { messages } = await reader.query("message.history", { roomId }, historyOutputSchema);
    if (messages.every(({ translation }) => translation?.status !== "pending")) return roomId;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("the conversation was not translated in time");
}

async function countOf(reader: Visitor, roomId: RoomId): Promise<number> {
  return (await reader.query("message.history", { roomId }, historyOutputSchema)).messages.length;
}
