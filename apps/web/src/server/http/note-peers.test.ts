import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { clientAddress, PEER_HEADER } from "./client-address";
import { notePeers } from "./note-peers";

it("a client cannot choose the address under which it is counted", async () => {
  notePeers();
  const server = createServer((req, res) => {
    const headers = new Headers({ [PEER_HEADER]: String(req.headers[PEER_HEADER]) });
    res.end(clientAddress(headers, { TRUST_PROXY: false }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const headers = { [PEER_HEADER]: "6.6.6.6", "x-forwarded-for": "6.6.6.6" };
  expect(await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text()).toBe("127.0.0.1");
  server.closeAllConnections();
  server.close();
});
