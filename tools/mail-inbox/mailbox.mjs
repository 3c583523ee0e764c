const MAX_MAILS = 500;

/** The six digits of a mail, wherever it shows them first: subject, then text. */
function codeIn(...texts) {
  for (const text of texts) {
    const found = /(?<!\d)(\d{6})(?!\d)/.exec(text) ?? /(?<!\d)(\d{3})[ \u00a0-](\d{3})(?!\d)/.exec(text);
    if (found) return found.slice(1).join("");
  }
  return null;
}

/** Every address that the mail's own header names, in its order. */
function addressesIn(header) {
  const lists = Array.isArray(header) ? header : [header].filter(Boolean);
  return lists.flatMap(({ value }) =>
    value.flatMap(({ address, group = [] }) => [address, ...group.map((one) => one.address)]),
  );
}

/** The newest 500 mails, newest first. `to` compares addresses without regard to case. */
export function createMailbox({ now = () => new Date() } = {}) {
  let mails = [];
  let lastId = 0;

  function add(parsed, recipients) {
    lastId += 1;
    const subject = parsed.subject ?? "";
    const text = parsed.text ?? "";
    const mail = {
      id: lastId,
      to: recipients.join(", "),
      recipients: recipients.map((address) => address.toLowerCase()),
      toHeader: addressesIn(parsed.to).filter(Boolean),
      headers: parsed.headerLines?.map(({ key }) => key) ?? [],
      from: parsed.from?.text ?? "",
      subject,
      text,
      html: parsed.html || "",
      language: parsed.headers?.get("content-language") ?? undefined,
      code: codeIn(subject, text),
      receivedAt: now().toISOString(),
    };
    mails = [mail, ...mails].slice(0, MAX_MAILS);
  }

  return {
    add,
    list: (to) => (to === undefined ? mails : mails.filter((mail) => mail.recipients.includes(to.toLowerCase()))),
    byId: (id) => mails.find((mail) => mail.id === id),
    clear: () => {
      mails = [];
    },
  };
}
