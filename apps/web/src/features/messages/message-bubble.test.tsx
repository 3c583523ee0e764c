// @vitest-environment happy-dom
import type { Me } from "@ashchat/contracts/api";
import { clientIdSchema, roomIdSchema, sessionIdSchema, userIdSchema } from "@ashchat/contracts/ids";
import type { MessageView, TranslationView } from "@ashchat/contracts/message";
import type { MemberView } from "@ashchat/contracts/room";
import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import type { MessageStatusName } from "../../realtime/message-status";
import { MessageBubble, type MessageBubbleProps } from "./message-bubble";
import { PendingBubble } from "./pending-bubble";
import { StatusIcon } from "./status-icon";

const ana = userIdSchema.parse(`usr_${"a".repeat(26)}`);
const ben = userIdSchema.parse(`usr_${"b".repeat(26)}`);
const roomId = roomIdSchema.parse(`room_${"a".repeat(26)}`);
const clientId = clientIdSchema.parse("client-id-00000001");
const NOON = new Date(2026, 2, 12, 12, 0).getTime();

const me: Me = {
  profile: { userId: ben, tag: "ben-4k7q", name: "Ben", about: "", language: "en" },
  email: "ben@example.org",
  sessionId: sessionIdSchema.parse(`ses_${"a".repeat(26)}`),
  understands: ["fr"],
  uiLanguage: "en",
};

function aMessage(fields: Partial<MessageView> = {}): MessageView {
  return {
    roomId,
    seq: 7,
    senderId: ana,
    clientId,
    sentAt: NOON,
    language: "es",
    text: "hola",
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translation: null,
    ...fields,
  };
}

function aMember(userId: typeof ana, marks: Partial<MemberView> = {}): MemberView {
  return {
    userId,
    role: "member",
    name: "x",
    tag: "x-4k7q",
    language: "en",
    joinedSeq: 0,
    deliveredSeq: 0,
    readSeq: 0,
    ...marks,
  };
}

const done: TranslationView = {
  status: "done",
  language: "en",
  revision: 1,
  text: "hello",
  engine: "apertium",
  at: NOON,
};

function renderBubble(message: MessageView, props: Partial<MessageBubbleProps> = {}) {
  const calls = { toggled: 0, retried: 0 };
  renderInEnglish(
    <MessageBubble
      message={message}
      me={me}
      members={[aMember(ana), aMember(ben)]}
      isGroup={false}
      senderName="Ana"
      startsGroup
      endsGroup
      showsOriginal={false}
      isOfflineEngine={() => false}
      onToggleOriginal={() => {
        calls.toggled += 1;
      }}
      onRetryTranslation={() => {
        calls.retried += 1;
      }}
      onEdit={() => undefined}
      onDelete={() => undefined}
      {...props}
    />,
  );
  return calls;
}

const langOf = (text: string) => screen.getByText(text).getAttribute("lang");

describe("MessageBubble", () => {
  useCleanConsole();

  it("shows the original at once, in its own language and direction, while the translation is on its way", () => {
    renderBubble(aMessage({ translation: { status: "pending", language: "en", revision: 1 } }));
    expect(langOf("hola")).toBe("es");
    expect(screen.getByText("hola").getAttribute("dir")).toBe("auto");
    expect(screen.getByText("Translating…")).toBeTruthy();
  });

  it("shows the translation in the reader's language, names the source and offers the original", () => {
    const calls = renderBubble(aMessage({ translation: done }));
    expect(langOf("hello")).toBe("en");
    expect(screen.queryByText("hola")).toBeNull();
    expect(screen.getByText("Translated from Spanish")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Show original" }));
    expect(calls.toggled).toBe(1);
  });

  it("shows the original on demand, with the way back", () => {
    renderBubble(aMessage({ translation: done }), { showsOriginal: true });
    expect(langOf("hola")).toBe("es");
    expect(screen.getByText("Original in Spanish")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Show translation" })).toBeTruthy();
  });

  it("marks the work of an offline engine, and names it on demand", () => {
    renderBubble(aMessage({ translation: done }), { isOfflineEngine: (engine) => engine === "apertium" });
    expect(screen.getByText("rough").title).toContain("Apertium");
  });

  it("leaves no separator alone where the line breaks: each is one with what follows it", () => {
    const stale = aMessage({ revision: 2, translation: done });
    renderBubble(stale, { isOfflineEngine: () => true });
    const separators = screen.getAllByText("·");
    const followers = separators.map((separator) => separator.parentElement?.textContent);
    expect(followers).toEqual(["·Translated from Spanish", "·Translation is updating", "·rough", "·Show original"]);
  });

  it("draws an Arabic translation from right to left", () => {
    renderBubble(aMessage({ translation: { ...done, language: "ar", text: "مرحبا" } }));
    expect(screen.getByText("مرحبا").getAttribute("dir")).toBe("rtl");
    expect(langOf("مرحبا")).toBe("ar");
  });

  it("keeps the original and offers another try when a translation failed", () => {
    const calls = renderBubble(
      aMessage({ translation: { status: "failed", language: "en", revision: 1, reason: "gave_up" } }),
    );
    expect(screen.getByText("hola")).toBeTruthy();
    expect(screen.getByText("Could not translate")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(calls.retried).toBe(1);
  });

  it("says that nobody here translates a language, and offers no useless try", () => {
    renderBubble(aMessage({ translation: { status: "failed", language: "en", revision: 1, reason: "unsupported" } }));
    expect(screen.getByText("Shown as written: no translation from Spanish here")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });

  it("says that a translation is of the text before an edit", () => {
    renderBubble(aMessage({ revision: 2, text: "hola a todos", editedAt: NOON, translation: done }));
    expect(screen.getByText("Translation is updating")).toBeTruthy();
    expect(screen.getByText("edited")).toBeTruthy();
  });

  it.each([
    ["one's own", aMessage({ senderId: ben, translation: done })],
    ["one in a language that the reader understands", aMessage({ language: "fr", translation: done })],
    ["one that needs no translation", aMessage({ translation: { status: "not_needed", language: "en", revision: 1 } })],
  ])("leaves %s as it was written, without a line", (_, message) => {
    renderBubble(message);
    expect(screen.getByText("hola")).toBeTruthy();
    expect(screen.queryByText(/Translat|Original/)).toBeNull();
  });

  it("shows nothing of a deleted message but that it was deleted", () => {
    renderBubble(aMessage({ text: null, deletedAt: NOON, translation: done }));
    expect(screen.getByText("This message was deleted")).toBeTruthy();
    expect(screen.queryByText(/hola|hello/)).toBeNull();
    expect(screen.queryByRole("button", { name: "Message actions" })).toBeNull();
  });

  it("names sender and time for those who cannot see the sides", () => {
    renderBubble(aMessage());
    expect(screen.getByRole("article", { name: /^Ana, 12:00/ })).toBeTruthy();
  });

  it("says in a group by how many of the others it was read", () => {
    const members = [
      aMember(ben),
      ...["c", "d", "e"].map((c, index) =>
        aMember(userIdSchema.parse(`usr_${c.repeat(26)}`), { readSeq: index < 2 ? 7 : 0 }),
      ),
    ];
    renderBubble(aMessage({ senderId: ben }), { members, isGroup: true });
    expect(screen.getByRole("img", { name: "Read by 2 of 3" })).toBeTruthy();
  });
});

describe("StatusIcon", () => {
  useCleanConsole();

  const words: Record<MessageStatusName, string> = {
    queued: "Waiting to be sent",
    sending: "Sending",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    failed: "Not sent",
  };

  it.each(Object.entries(words))("says %s as %s, with the time in the tooltip", (status, text) => {
    const { container } = renderInEnglish(<StatusIcon status={status as MessageStatusName} at={NOON} />);
    expect(screen.getByRole("img", { name: text })).toBeTruthy();
    expect(container.textContent).toMatch(new RegExp(`^${text}, 12:00`));
  });
});

describe("PendingBubble", () => {
  useCleanConsole();

  it("says why a message did not go out and offers to retry or delete it", () => {
    const calls: string[] = [];
    renderInEnglish(
      <PendingBubble
        entry={{
          clientId,
          roomId,
          text: "hi",
          createdAt: NOON,
          attempts: 3,
          state: { kind: "failed", code: "forbidden" },
        }}
        language="en"
        startsGroup
        endsGroup
        onRetry={() => calls.push("retry")}
        onDiscard={() => calls.push("discard")}
      />,
    );
    expect(screen.getByText("You are not allowed to do that.")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Retry" }));
    fireEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(calls).toEqual(["retry", "discard"]);
    expect(screen.getByRole("img", { name: "Not sent" })).toBeTruthy();
  });
});
