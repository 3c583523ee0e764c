/**
 * The least of RFC 6455 that a load generator needs: text frames out (masked with zero, which leaves the payload as it
 * is), text frames in (never masked, never fragmented by the servers measured here). One allocation a frame.
 */
const TEXT = 0x81;
const PONG = 0x8a;
const OPCODE_TEXT = 1;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;
const MASKED = 0x80;

export function encodeText(text: string): Buffer {
  return encode(TEXT, Buffer.from(text));
}

export function encodePong(payload: Buffer): Buffer {
  return encode(PONG, payload);
}

function encode(firstByte: number, payload: Buffer): Buffer {
  const length = payload.length;
  if (length < LENGTH_16) return Buffer.concat([Buffer.from([firstByte, MASKED | length, 0, 0, 0, 0]), payload]);
  const head = Buffer.alloc(4 + MASK_BYTES);
  head[0] = firstByte;
  head[1] = MASKED | LENGTH_16;
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}

export interface FrameSink {
  text(payload: Buffer): void;
  ping(payload: Buffer): void;
  close(code: number): void;
}

/** A parser over chunks of one connection; keeps at most one incomplete frame. */
export function createFrameParser(sink: FrameSink): (chunk: Buffer) => void {
  let rest: Buffer | null = null;
  return (chunk) => {
    let buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let offset = 0;
    for (;;) {
      const frame = frameAt(buffer, offset);
      if (frame === null) break;
      deliver(sink, frame.opcode, buffer.subarray(frame.start, frame.end));
      offset = frame.end;
    }
    buffer = buffer.subarray(offset);
    rest = buffer.length === 0 ? null : buffer;
  };
}

function deliver(sink: FrameSink, opcode: number, payload: Buffer): void {
  if (opcode === OPCODE_TEXT) sink.text(payload);
  else if (opcode === OPCODE_PING) sink.ping(payload);
  else if (opcode === OPCODE_CLOSE) sink.close(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
}

function frameAt(buffer: Buffer, offset: number): { opcode: number; start: number; end: number } | null {
  if (buffer.length - offset < 2) return null;
  const opcode = (buffer[offset] ?? 0) & 0x0f;
  const short = (buffer[offset + 1] ?? 0) & 0x7f;
  let start = offset + 2;
  let length = short;
  if (short === LENGTH_16) {
    if (buffer.length < start + 2) return null;
    length = buffer.readUInt16BE(start);
    start += 2;
  } else if (short === LENGTH_64) {
    if (buffer.length < start + 8) return null;
    length = Number(buffer.readBigUInt64BE(start));
    start += 8;
  }
  return buffer.length < start + length ? null : { opcode, start, end: start + length };
}
