import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { LANGUAGES } from "@ashchat/contracts/languages";
import * as z from "zod";
import { CORPUS } from "../scripts/corpus";

/**
 * A translation server that nobody may trust. It speaks LibreTranslate's API: for a text with `no. 17` it answers what
 * stands at 17 in the corpus, for one with `engine-breaks` it fails and repeats the text; any other text it gives back.
 */
export interface PayloadEngine {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const requestSchema = z.object({ q: z.array(z.string()), target: z.string() });

/** For which the engine answers with the text at `index` of the corpus. It has markup, or markup would be refused at once. */
export function askForPayload(index: number): string {
  return `<b>Saluti</b> dalla spiaggia, biglietto no. ${index}`;
}

export async function startPayloadEngine(): Promise<PayloadEngine> {
  const server = createServer((req, res) => {
    const answer = (body: unknown) => res.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (req.url?.startsWith("/languages")) return void answer(LANGUAGES.map((code) => ({ code, targets: LANGUAGES })));
    void readBody(req).then((body) => {
      const { q } = requestSchema.parse(JSON.parse(body));
      const broken = q.find((text) => text.includes("engine-breaks"));
      if (broken !== undefined) {
        res.statusCode = 500;
        return void answer({ error: `cannot translate: ${broken}` });
      }
      answer({ translatedText: q.map(translationOf) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function translationOf(text: string): string {
  const index = /no\. (\d+)/u.exec(text)?.[1];
  return index === undefined ? text : (CORPUS[Number(index)]?.text ?? text);
}

async function readBody(req: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of req) body += String(chunk);
  return body;
}
