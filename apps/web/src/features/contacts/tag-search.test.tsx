// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ApiProvider } from "../../app/providers/api";
import { ProcedureError, type ApiClient } from "../../app/providers/procedures";
import { renderInEnglish, useCleanConsole } from "../../i18n/testing";
import { TagSearch } from "./tag-search";

/** A server on which nobody has the tag that is looked for. */
const emptyHouse = {
  contact: {
    findByTag: { query: () => Promise.reject(new ProcedureError("x", { data: { appCode: "not_found" } })) },
  },
} as unknown as ApiClient;

describe("TagSearch", () => {
  useCleanConsole();

  it("says aloud that nobody was found: the focus stays in the field and would say nothing", async () => {
    renderInEnglish(
      <ApiProvider client={emptyHouse}>
        <TagSearch label="Tag" submitLabel="Find" busyLabel="Finding" onFound={() => null} />
      </ApiProvider>,
    );
    const field = screen.getByRole("textbox", { name: "Tag" });
    fireEvent.change(field, { target: { value: "ana-4k7q" } });
    fireEvent.click(screen.getByRole("button", { name: "Find" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).not.toBe("");
    expect(field.getAttribute("aria-describedby")).toBe(alert.id);
  });
});
