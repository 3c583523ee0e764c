import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError, accepts, answers, startDetached, stopProcess, waitReady } from "./process.mjs";

const READY_MS = 15_000;
const ROOT = join(import.meta.dirname, "..", "..");

/** The development mailbox: an SMTP catcher with a page and a JSON address. */
export const inbox = {
  name: "inbox",
  ports: ["smtp", "inbox"],

  missing: () => [],

  async start({ ports, logFile }) {
    if (!existsSync(join(ROOT, "node_modules", "smtp-server"))) {
      throw new SetupError("The mail inbox needs the installed packages: run npm ci first.");
    }
    const env = { ...process.env, MAIL_SMTP_PORT: String(ports.smtp), MAIL_INBOX_PORT: String(ports.inbox) };
    if (env.NODE_ENV !== "production") env.NODE_ENV = "development";
    const main = join(ROOT, "tools", "mail-inbox", "main.mjs");
    const record = await startDetached({ command: process.execPath, args: [main], env, cwd: ROOT, logFile });
    const ready = async () => (await accepts(ports.smtp)) && answers(`http://127.0.0.1:${ports.inbox}/api/mails`);
    await waitReady({ name: "The mail inbox", record, ready, logFile, deadlineMs: READY_MS });
    return { main: record };
  },

  stop: ({ records }) => stopProcess(records.main),

  env: ({ ports }) => ({
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    MAIL_INBOX_URL: `http://127.0.0.1:${ports.inbox}`,
  }),
};
