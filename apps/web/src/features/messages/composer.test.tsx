// @vitest-environment happy-dom
import type { ErrorCode } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { act, fireEvent, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import { Composer } from "./composer";
import { composerAction } from "./composer-keys";

function renderComposer(options: { draft?: string; editing?: string; answer?: ErrorCode | null } = {}) {
  const seen = {
    sent: [] as string[],
    saved: [] as string[],
    drafts: [] as string[],
    editLast: 0,
    cancelled: 0,
    typed: 0,
  };
  renderInEnglish(
    <Composer
      draft={options.draft ?? ""}
      editing={options.editing ?? null}
      onDraft={(text) => seen.drafts.push(text)}
      onSend={(text) => {
        seen.sent.push(text);
        return options.answer ?? null;
      }}
      onSaveEdit={async (text) => {
        seen.saved.push(text);
        return options.answer ?? null;
      }}
      onCancelEdit={() => {
        seen.cancelled += 1;
      }}
      onEditLast={() => {
        seen.editLast += 1;
      }}
      onTyping={() => {
        seen.typed += 1;
      }}
    />,
  );
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  const type = (value: string) => fireEvent.change(field, { target: { value } });
  const press = (key: string, init: KeyboardEventInit & { keyCode?: number } = {}) =>
    act(async () => void fireEvent.keyDown(field, { key, ...init }));
  return { field, type, press, seen };
}

describe("Composer", () => {
  useCleanConsole();

  it("sends with Enter, empties the field and forgets the draft", async () => {
    const { field, type, press, seen } = renderComposer();
    type("hola");
    await press("Enter");
    expect(seen.sent).toEqual(["hola"]);
    expect(field.value).toBe("");
    expect(seen.drafts).toEqual(["hola", ""]);
  });

  it("leaves Shift+Enter to the field", async () => {
    const { field, type, press, seen } = renderComposer();
    type("hola");
    await press("Enter", { shiftKey: true });
    expect(seen.sent).toEqual([]);
    expect(field.value).toBe("hola");
  });

  it("never sends while an input method is composing", async () => {
    const { type, press, seen } = renderComposer();
    type("こんにちは");
    await press("Enter", { isComposing: true });
    await press("Enter", { keyCode: 229 });
    expect(seen.sent).toEqual([]);
    await press("Enter");
    expect(seen.sent).toEqual(["こんにちは"]);
  });

  it("keeps the text and says why when it is too long", async () => {
    const { field, type, press, seen } = renderComposer();
    const text = "x".repeat(LIMITS.messageCodePointsMax + 3);
    type(text);
    expect(screen.getByText("3 characters too many")).toBeTruthy();
    await press("Enter");
    expect(seen.sent).toEqual([]);
    expect(screen.getByRole("alert").textContent).toContain("4,000 characters are the most");
    expect(field.value).toBe(text);
  });

  it("keeps the text and says why when the outbox refuses it", async () => {
    const { field, type, press } = renderComposer({ answer: "overloaded" });
    type("hola");
    await press("Enter");
    expect(screen.getByRole("alert").textContent).toBe("The server is very busy. Try again in a moment.");
    expect(field.value).toBe("hola");
  });

  it("counts only near the limit, by code points", () => {
    const { type } = renderComposer();
    type("x".repeat(LIMITS.messageCodePointsMax - 201));
    expect(screen.queryByText(/characters left/)).toBeNull();
    type("😀".repeat(LIMITS.messageCodePointsMax - 1));
    expect(screen.getByText("1 character left")).toBeTruthy();
  });

  it("does not send what is only white space", async () => {
    const { type, press, seen } = renderComposer();
    type("  \n ");
    await press("Enter");
    expect(seen.sent).toEqual([]);
  });

  it("edits the last message with ↑ in an empty field and not in a full one", async () => {
    const { type, press, seen } = renderComposer();
    await press("ArrowUp");
    expect(seen.editLast).toBe(1);
    type("a");
    await press("ArrowUp");
    expect(seen.editLast).toBe(1);
  });

  it("saves an edit with Enter, leaves it with Esc, and keeps no draft of it", async () => {
    const { field, type, press, seen } = renderComposer({ draft: "unsent", editing: "before" });
    expect(field.value).toBe("before");
    type("after");
    await press("Enter");
    expect(seen.saved).toEqual(["after"]);
    await press("Escape");
    expect(seen.cancelled).toBe(1);
    expect(seen.drafts).toEqual([]);
    expect(seen.typed).toBe(0);
  });

  it("begins with the draft of the room", () => {
    expect(renderComposer({ draft: "half a tho" }).field.value).toBe("half a tho");
  });
});

describe("composerAction", () => {
  const enter = {
    key: "Enter",
    shiftKey: false,
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    isComposing: false,
    keyCode: 13,
  };

  it.each(["shiftKey", "altKey", "ctrlKey", "metaKey"] as const)("is nothing for Enter with %s", (modifier) => {
    expect(composerAction({ ...enter, [modifier]: true }, { isEmpty: false, isEditing: false })).toBeNull();
  });

  it("keeps Escape for others when nothing is being edited", () => {
    expect(composerAction({ ...enter, key: "Escape" }, { isEmpty: true, isEditing: false })).toBeNull();
  });
});
