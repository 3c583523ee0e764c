import { connect } from "node:net";

/**
 * How a socket ended: `refused` where its upgrade was, which a good one may be only under load; `hung` where the server did
 * not even close it after the client had.
 */
export type Ending = "refused" | "closedByServer" | "closedByClient" | "hung";

/** What is written, each step as soon as the server has said something about the one before; the last without waiting. */
export interface Script {
  readonly steps: readonly Buffer[];
  /** Chunks that follow the last answer at once. */
  readonly chunks: readonly Buffer[];
}

const HOST = "127.0.0.1";
/** How long the client waits for a reaction to the chunks before it says that it has nothing more to say. */
const REACTION_MS = 20;
/** A server that is well answers within milliseconds; this one may have to wait for a processor. */
const PATIENCE_MS = 15_000;

/** Plays a script on a connection of its own. A server that closes early ends it; all bytes reach it before the client's end. */
export function converse(port: number, { steps, chunks }: Script): Promise<Ending> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    let next = 0;
    let upgraded = false;
    let hasEnded = false;
    const patience = setTimeout(() => finish("hung"), PATIENCE_MS);
    let reaction: NodeJS.Timeout | undefined;
    const finish = (ending: Ending) => {
      clearTimeout(patience);
      clearTimeout(reaction);
      socket.removeAllListeners();
      socket.on("error", () => undefined); // a reset after the verdict says nothing new
      socket.destroy();
      resolve(ending);
    };
    const end = () => {
      hasEnded = true;
      socket.end();
    };
    const goOn = () => {
      const step = steps[next];
      next += 1;
      if (step !== undefined) {
        socket.write(step);
        return;
      }
      for (const chunk of chunks) setImmediate(() => void (socket.destroyed || socket.write(chunk)));
      reaction = setTimeout(end, REACTION_MS);
    };
    const closed = () => {
      if (!upgraded) finish("refused");
      else finish(hasEnded ? "closedByClient" : "closedByServer");
    };
    socket.once("connect", goOn);
    socket.on("error", closed);
    socket.on("close", closed);
    socket.on("data", (answer) => {
      if (!upgraded && !answer.toString("latin1").startsWith("HTTP/1.1 101")) return finish("refused");
      upgraded = true;
      if (next <= steps.length) goOn();
    });
  });
}
