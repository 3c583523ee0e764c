import { WebSocketServer, type WebSocket } from "ws";
import { announceReady } from "./announce-ready";

/**
 * The floor: `ws` with one `send` per recipient and nothing else, so that a change of the machine shows.
 * Run: node dist/bare-ws.js PORT
 */
const [port] = process.argv.slice(2);
const rooms = new Map<string, Set<WebSocket>>();
const server = new WebSocketServer({ port: Number(port), host: "127.0.0.1", perMessageDeflate: false });

server.on("connection", (socket, req) => {
  const url = new URL(req.url ?? "/", "http://localhost");
  const joined = (url.searchParams.get("rooms") ?? "").split(",");
  for (const roomId of joined) membersOf(roomId).add(socket);
  socket.on("close", () => joined.forEach((roomId) => membersOf(roomId).delete(socket)));
  socket.on("error", () => socket.terminate());
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as { roomId: string };
    const text = JSON.stringify(message);
    for (const member of membersOf(message.roomId)) member.send(text);
  });
});
server.on("listening", announceReady);

function membersOf(roomId: string): Set<WebSocket> {
  let members = rooms.get(roomId);
  if (members === undefined) rooms.set(roomId, (members = new Set()));
  return members;
}
