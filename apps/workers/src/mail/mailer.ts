import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import { createTransport } from "nodemailer";
import type { Mail } from "./compose";

export interface Mailer {
  /** Resolves when the SMTP server has accepted the mail; `unavailable` (retry) when it has not. */
  send(mail: Mail): Outcome<void>;
  /** Whether the server lets us in. */
  verify(): Promise<void>;
  close(): void;
}

const CONNECTIONS_MAX = 4;
const MAILS_PER_CONNECTION = 100;

/** `from` is `Name <address>`. Names go out as quoted objects, and the envelope is ours: no header can add a recipient. */
export function openMailer({ smtpUrl, from }: { smtpUrl: string; from: string }): Mailer {
  const url = new URL(smtpUrl);
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    maxMessages: MAILS_PER_CONNECTION,
    host: url.hostname,
    port: Number(url.port || (url.protocol === "smtps:" ? 465 : 587)),
    secure: url.protocol === "smtps:",
    ...(url.username === ""
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    connectionTimeout: LIMITS.smtpTimeoutMs,
    greetingTimeout: LIMITS.smtpTimeoutMs,
    socketTimeout: LIMITS.smtpTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const sender = parseSender(from);
  return {
    async send({ to, subject, html, text, key }) {
      try {
        await transport.sendMail({
          from: sender,
          to,
          subject,
          html,
          text,
          messageId: `<${key}@${sender.address.split("@").at(-1) ?? "localhost"}>`,
          envelope: { from: sender.address, to: [to.address] },
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return ok(undefined);
      } catch (cause) {
        return fail(appError("unavailable", "the SMTP server did not take the mail", { cause }));
      }
    },
    async verify() {
      await transport.verify();
    },
    close: () => transport.close(),
  };
}

function parseSender(from: string): { name: string; address: string } {
  const match = /^\s*(.*?)\s*<([^<>]+)>\s*$/u.exec(from);
  return match === null ? { name: "AshChat", address: from.trim() } : { name: match[1] ?? "", address: match[2] ?? "" };
}
