import { expect, it } from "vitest";
import { realtimeUrl } from "./browser";

it("the socket goes to the server's own path unless the address names another", () => {
  expect(realtimeUrl("ws://localhost:3001")).toBe("ws://localhost:3001/realtime");
  expect(realtimeUrl("wss://chat.example/")).toBe("wss://chat.example/realtime");
  expect(realtimeUrl("wss://chat.example/live/socket")).toBe("wss://chat.example/live/socket");
});
