import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { testEnv } from "@ashchat/runtime/testing";
import { afterEach, expect, it } from "vitest";
import type { Mail } from "./compose";
import { openMailer } from "./mailer";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

const DEADLINE_MS = 300;
/** Often enough that no timeout between two bytes ever ends it. */
const TALK_EVERY_MS = 20;

function mail(): Mail {
  const key = crypto.randomUUID();
  const to = { name: "Ana", address: `${key}@example.org` };
  return { to, subject: "a subject", html: "<p>hello</p>", text: "hello", language: "en", key };
}

/** Greets, and then never comes to the end of its first answer. */
async function startTalker(): Promise<{ url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.write("220 ready\r\n");
    const timer = setInterval(() => socket.write("250-and another thing\r\n"), TALK_EVERY_MS);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.on("close", () => {
      clearInterval(timer);
      sockets.delete(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, sockets };
}

/** Takes everything but the recipient. */
async function startRefuser(reply: string): Promise<string> {
  const server = createServer((socket) => {
    socket.write("220 ready\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (data) => socket.write(data.toString().startsWith("RCPT") ? `${reply}\r\n` : "250 ok\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  const { port } = server.address() as AddressInfo;
  return `smtp://127.0.0.1:${port}`;
}

it.each([
  ["550 5.1.1 no such user", "invalid_input"],
  ["451 4.7.1 greylisted, come again", "unavailable"],
  ["421 closing", "unavailable"],
])("a recipient that is answered %j is %s", async (reply, code) => {
  const mailer = openMailer({ smtpUrl: await startRefuser(reply), from: "no-reply@ashchat.example" });
  const sent = await mailer.send(mail());
  mailer.close();
  expect(sent).toMatchObject({ ok: false, error: { code } });
});

it("a server that talks for ever costs a mail its deadline and no more, also one that waits for a connection", async () => {
  const talker = await startTalker();
  const mailer = openMailer({ smtpUrl: talker.url, from: "no-reply@ashchat.example", deadlineMs: DEADLINE_MS });
  opened.push(mailer);
  const sent = await Promise.all(Array.from({ length: 10 }, () => mailer.send(mail())));
  expect(sent.map((one) => (one.ok ? "sent" : one.error.code))).toEqual(sent.map(() => "timeout"));
  await expect.poll(() => talker.sockets.size).toBe(0);
});

it("however often it is asked whether a server that hangs lets us in, one connection asks", async () => {
  const talker = await startTalker();
  const mailer = openMailer({ smtpUrl: talker.url, from: "no-reply@ashchat.example" });
  opened.push(mailer);
  const asked = Array.from({ length: 5 }, () => mailer.verify());
  await expect.poll(() => talker.sockets.size).toBeGreaterThan(0);
  // A mail comes through later than any of the questions.
  const sending = mailer.send(mail());
  await expect.poll(() => talker.sockets.size).toBe(2);
  for (const socket of talker.sockets) socket.destroy();
  const settled = await Promise.allSettled(asked);
  expect(settled.map(({ status }) => status)).toEqual(asked.map(() => "rejected"));
  mailer.close();
  expect(await sending).toMatchObject({ ok: false });
});

it("closing leaves no connection behind, also not one that is in the middle of a mail", async () => {
  const talker = await startTalker();
  const mailer = openMailer({ smtpUrl: talker.url, from: "no-reply@ashchat.example" });
  const sending = mailer.send(mail());
  await expect.poll(() => talker.sockets.size).toBe(1);
  mailer.close();
  expect(await sending).toMatchObject({ ok: false });
  await expect.poll(() => talker.sockets.size).toBe(0);
});

it.each([
  ["AshChat <no-reply@ashchat.example>", "AshChat"],
  ['"Ash, the Chat" <no-reply@ashchat.example>', "Ash, the Chat"],
  ["no-reply@ashchat.example", "AshChat"],
])("the sender %j is shown as %j", async (from, name) => {
  const mailer = openMailer({ smtpUrl: testEnv("ASH_TEST_SMTP_URL"), from });
  opened.push(mailer);
  const sent = mail();
  expect(await mailer.send(sent)).toEqual({ ok: true, value: undefined });
  const response = await fetch(`${testEnv("ASH_TEST_INBOX_URL")}/api/mails?to=${encodeURIComponent(sent.to.address)}`);
  const mails = (await response.json()) as { from: string }[];
  expect(mails.map((one) => one.from)).toEqual([`"${name}" <no-reply@ashchat.example>`]);
});
