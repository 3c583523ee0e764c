import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

/**
 * The peer that people would use instead: Socket.IO as its documentation shows it, WebSocket only, in memory or with
 * its Redis adapter. A client joins the rooms of its query, and `m` is sent to everybody in a room, itself included.
 * Run: tsx src/peers/socket-io.ts PORT [REDIS_URL]
 */
const [port, redisUrl] = process.argv.slice(2);

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

if (redisUrl !== undefined) {
  const publisher = new Redis(redisUrl);
  io.adapter(createAdapter(publisher, publisher.duplicate()));
}

io.on("connection", (socket) => {
  const rooms = String(socket.handshake.query["rooms"] ?? "").split(",");
  void socket.join(rooms);
  socket.on("m", (message: { roomId: string }) => {
    io.to(message.roomId).emit("m", message);
  });
});

http.listen(Number(port), "127.0.0.1", () => process.send?.("ready"));
