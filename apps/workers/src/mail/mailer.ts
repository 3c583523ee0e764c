import { appError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import { createTransport } from "nodemailer";
import * as z from "zod";
import type { Mail } from "./compose";

export interface Mailer {
  /**
   * Resolves when the SMTP server has accepted the mail; `unavailable` or, past the deadline, `timeout` when it has not, and
   * `invalid_input` when it will never take one for this address.
   */
  send(mail: Mail): Outcome<void>;
  /** Whether the server lets us in. */
  verify(): Promise<void>;
  close(): void;
}

const CONNECTIONS_MAX = 4;
const MAILS_PER_CONNECTION = 100;

export interface MailerOptions {
  readonly smtpUrl: string;
  /** `Name <address>`, the name in quotes or not. */
  readonly from: string;
  /** For one mail, the wait for a connection included; tests alone set it. */
  readonly deadlineMs?: number;
}

/** Names go out as quoted objects, and the envelope is ours: no header can add a recipient. */
export function openMailer({ smtpUrl, from, deadlineMs = LIMITS.smtpDeadlineMs }: MailerOptions): Mailer {
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
  let verifying: Promise<unknown> | null = null;
  return {
    async send({ to, subject, html, text, language, key }) {
      // The timeouts above begin anew with every byte: a server that talks and never comes to the point would hold a
      // connection, and the job behind it, for ever. The signal takes the mail back, also one that waits for a connection.
      const signal = AbortSignal.timeout(deadlineMs);
      try {
        await transport.sendMail({
          signal,
          from: sender,
          to,
          subject,
          html,
          text,
          messageId: `<${key}@${sender.address.split("@").at(-1) ?? "localhost"}>`,
          envelope: { from: sender.address, to: [to.address] },
          headers: { "Auto-Submitted": "auto-generated", "Content-Language": language },
        });
        return ok(undefined);
      } catch (cause) {
        if (signal.aborted)
          return fail(appError("timeout", `the mail was not taken within ${deadlineMs} ms`, { cause }));
        if (isAddressRefused(cause))
          return fail(appError("invalid_input", "the SMTP server refuses the address", { cause }));
        return fail(appError("unavailable", "the SMTP server did not take the mail", { cause }));
      }
    },
    async verify() {
      // Who asks while a question is open waits for its answer: probes do not pile up connections to a server that hangs.
      verifying ??= transport.verify().finally(() => {
        verifying = null;
      });
      await verifying;
    },
    // Whoever closes has given up on what is still under way: its job comes again.
    close: () => transport.close({ force: true }),
  };
}

const refusalSchema = z.object({
  code: z.literal("EENVELOPE"),
  command: z.string(),
  responseCode: z.number().optional(),
});
/** Of SMTP (RFC 5321, 4.2.1): from here on a reply is for good; below, as from a server that wants to be asked twice, for now. */
const PERMANENT = 500;

/** Whether this recipient was refused for good, by the server or, for its form, by the client. */
function isAddressRefused(error: unknown): boolean {
  const { data: refusal } = refusalSchema.safeParse(error);
  if (refusal === undefined) return false;
  return refusal.command === "API" || (refusal.command === "RCPT TO" && (refusal.responseCode ?? 0) >= PERMANENT);
}

function parseSender(from: string): { name: string; address: string } {
  const match = /^\s*("?)(.*?)\1\s*<\s*([^<>\s]+)\s*>\s*$/u.exec(from);
  return match === null ? { name: "AshChat", address: from.trim() } : { name: match[2] ?? "", address: match[3] ?? "" };
}
