const REFRESH_SECONDS = 3;

const STYLE = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 15%, Canvas); }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem; }
  h1 { font-size: 1.25rem; margin: 0 0 1rem; }
  article { border: 1px solid var(--line); border-radius: 12px; padding: 1rem; margin: 0 0 1rem; }
  h2 { font-size: 1rem; margin: 0; }
  p { margin: .25rem 0; opacity: .75; font-size: .875rem; overflow-wrap: anywhere; }
  .code { display: block; font: 600 2rem/1.4 ui-monospace, monospace; letter-spacing: .2em; user-select: all; }
  summary { cursor: pointer; padding: .25rem 0; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; }
`;

/** The list of mails as a page that reloads itself; everything from a mail is escaped. */
export function renderPage(mails) {
  const list = mails.length === 0 ? "<p>No mail yet. This page reloads by itself.</p>" : mails.map(renderMail).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Mail inbox – AshChat development</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Mail inbox</h1>
<main>${list}</main>
</body>
</html>`;
}

function renderMail(mail) {
  const lang = mail.language ? ` lang="${escape(mail.language)}"` : "";
  const code = mail.code ? `<strong class="code">${escape(mail.code)}</strong>` : "";
  return `<article${lang}>
<h2 dir="auto">${escape(mail.subject || "(no subject)")}</h2>
${code}
<p>to <bdi>${escape(mail.to)}</bdi> · <time datetime="${mail.receivedAt}">${mail.receivedAt.slice(11, 19)} UTC</time> ·
<a href="/mails/${mail.id}">as sent</a></p>
<details><summary>Text</summary><pre dir="auto">${escape(mail.text)}</pre></details>
</article>`;
}

function escape(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(text).replaceAll(/[&<>"']/g, (character) => entities[character]);
}
