import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import mongoose from "mongoose";
import { Server } from "socket.io";

/**
 * The peer that people would use instead: Socket.IO as its documentation shows it, WebSocket only, in memory or with its
 * Redis adapter. A client joins the rooms of its query, and `m` goes to everybody in a room, itself included; with a
 * database each message is inserted and awaited first.
 * Run: node dist/socket-io.js PORT [REDIS_URL] [MONGODB_URL]
 */
const [port, redisUrl = "", mongodbUrl = ""] = process.argv.slice(2);

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

if (redisUrl !== "") {
  const publisher = new Redis(redisUrl);
  io.adapter(createAdapter(publisher, publisher.duplicate()));
}
const kept =
  mongodbUrl === "" ? null : (await mongoose.createConnection(mongodbUrl).asPromise()).collection("peer_messages");

io.on("connection", (socket) => {
  const rooms = String(socket.handshake.query["rooms"] ?? "").split(",");
  void socket.join(rooms);
  socket.on("m", async (message: { roomId: string }) => {
    if (kept !== null) await kept.insertOne({ ...message }, { writeConcern: { w: "majority", journal: true } });
    io.to(message.roomId).emit("m", message);
  });
});

http.listen(Number(port), "127.0.0.1", () => process.send?.("ready"));
