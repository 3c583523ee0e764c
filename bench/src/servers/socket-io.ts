import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import mongoose from "mongoose";
import { Server } from "socket.io";
import type { PeerOptions } from "../targets";
import { announceReady } from "./announce-ready";

/**
 * The peer that people would use instead: Socket.IO as its documentation shows it, WebSocket only, in memory or with one of
 * its Redis adapters, with or without recovery of connections. A client joins the rooms of its query, and `m` goes to
 * everybody in a room, itself included; with a database each message is inserted and awaited first.
 * Run: node dist/socket-io.js PEER_OPTIONS_AS_JSON
 */
const [json = ""] = process.argv.slice(2);
const options = JSON.parse(json) as PeerOptions;
const RECOVERY_MS = 120_000;

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  serveClient: false,
  ...(options.recovers ? { connectionStateRecovery: { maxDisconnectionDuration: RECOVERY_MS } } : {}),
});

if (options.redisUrl !== null) {
  const publisher = new Redis(options.redisUrl);
  if (options.adapter === "streams") io.adapter(createStreamsAdapter(publisher));
  else io.adapter(createAdapter(publisher, publisher.duplicate()));
}
const kept =
  options.mongodbUrl === null
    ? null
    : (await mongoose.createConnection(options.mongodbUrl).asPromise()).collection("peer_messages");

io.on("connection", (socket) => {
  const rooms = String(socket.handshake.query["rooms"] ?? "").split(",");
  // A recovered session brings its rooms.
  if (!socket.recovered) void socket.join(rooms);
  socket.on("m", async (message: { roomId: string }) => {
    if (kept !== null) await kept.insertOne({ ...message }, { writeConcern: { w: "majority", journal: true } });
    io.to(message.roomId).emit("m", message);
  });
});

http.listen(options.port, "127.0.0.1", announceReady);
