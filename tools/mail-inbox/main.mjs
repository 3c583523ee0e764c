/**
 * The development mailbox: every mail sent to MAIL_SMTP_PORT is kept (the newest 500, in memory) and shown on
 * MAIL_INBOX_PORT as a page, and as JSON at /api/mails?to=… (newest first). DELETE /api/mails empties it.
 * It accepts mail for anybody without a password, so it refuses to start in production.
 */
import { createServer } from "node:http";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { createMailbox } from "./mailbox.mjs";
import { renderPage } from "./page.mjs";

const MAX_MAIL_BYTES = 2 * 1024 * 1024;
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

if (process.env.NODE_ENV === "production") {
  console.error("The mail inbox is for development only and does not start in production.");
  process.exit(1);
}

const host = process.env.MAIL_INBOX_HOST ?? "127.0.0.1";
const smtpPort = Number(process.env.MAIL_SMTP_PORT ?? 3025);
const pagePort = Number(process.env.MAIL_INBOX_PORT ?? 3080);
const mailbox = createMailbox();

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  disableReverseLookup: true,
  size: MAX_MAIL_BYTES,
  onData(stream, session, done) {
    void receive(stream, session).then(
      () => done(),
      (cause) => done(cause),
    );
  },
});
smtp.on("error", (cause) => console.error(`smtp: ${cause.message}`));

const page = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://inbox");
  const [status, type, body] = answer(request.method ?? "GET", url);
  response.writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8` }).end(body);
});

async function receive(stream, session) {
  const mail = await simpleParser(stream, { skipImageLinks: true });
  if (stream.sizeExceeded) throw Object.assign(new Error("mail too large"), { responseCode: 552 });
  mailbox.add(
    mail,
    session.envelope.rcptTo.map((recipient) => recipient.address),
  );
}

function answer(method, url) {
  if (url.pathname === "/api/mails" && method === "DELETE") {
    mailbox.clear();
    return [200, "application/json", "{}"];
  }
  if (method !== "GET") return [405, "text/plain", "not allowed"];
  if (url.pathname === "/") return [200, "text/html", renderPage(mailbox.list())];
  if (url.pathname === "/api/mails") {
    return [200, "application/json", JSON.stringify(mailbox.list(url.searchParams.get("to") ?? undefined))];
  }
  const html = /^\/mails\/(\d+)$/.exec(url.pathname);
  const mail = html && mailbox.byId(Number(html[1]));
  return mail
    ? [200, "text/html", mail.html || `<pre>${mail.text.replaceAll("<", "&lt;")}</pre>`]
    : [404, "text/plain", "not found"];
}

smtp.listen(smtpPort, host, () => console.log(`smtp on ${host}:${smtpPort}`));
page.listen(pagePort, host, () => console.log(`page on http://${host}:${pagePort}`));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    page.close();
    page.closeAllConnections();
    smtp.close(() => process.exit(0));
  });
}
