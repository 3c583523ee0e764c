import { LIMITS } from "@ashchat/contracts/limits";
import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApiClient, ProcedureError } from "./procedures";

const t = initTRPC.create({
  errorFormatter: ({ shape }) => ({ ...shape, data: { ...shape.data, appCode: "not_found" } }),
});
/** Named as two of the product's, so that the client's types fit; what they do shows what arrived. */
const router = t.router({
  account: t.router({ me: t.procedure.query(() => "me") }),
  contact: t.router({ findByTag: t.procedure.input((input) => input).query(({ input }) => input) }),
  room: t.router({
    openDirect: t.procedure
      .input((input) => input)
      .mutation(({ input }) => {
        throw new TRPCError({ code: "NOT_FOUND", message: JSON.stringify(input) });
      }),
    leave: t.procedure.input((input) => input).mutation(({ input }) => input),
  }),
});

let requests: string[] = [];
let answer: (request: Request) => Promise<Response>;

beforeEach(() => {
  requests = [];
  answer = (req) => fetchRequestHandler({ endpoint: "/api/trpc", req, router, maxBatchSize: LIMITS.trpcBatchMax });
  vi.stubGlobal("fetch", (path: string, init?: RequestInit) => {
    const request = new Request(new URL(path, "http://localhost"), init);
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    return answer(request);
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("the procedures, answered by tRPC's own server", () => {
  it("gives each call of one request its own answer, and reads apart from changes", async () => {
    const client = createApiClient();
    const roomId = "room_00000000000000000000000000" as never;
    const answers = await Promise.all([
      client.account.me.query(),
      client.contact.findByTag.query({ tag: "ana-é4k7q & co" }),
      client.room.leave.mutate({ roomId }),
    ]);
    expect(answers).toEqual(["me", { tag: "ana-é4k7q & co" }, { roomId }]);
    expect(requests.toSorted()).toEqual(["GET /api/trpc/account.me,contact.findByTag", "POST /api/trpc/room.leave"]);
  });

  it("may be awaited: it is no promise", async () => {
    const client = createApiClient();
    expect(await Promise.resolve(client)).toBe(client);
    expect(requests).toEqual([]);
  });

  it("asks for no more in one request than the server takes", async () => {
    const client = createApiClient();
    const tags = Array.from({ length: LIMITS.trpcBatchMax * 2 + 1 }, (_, index) => ({ tag: `ana-${index}` }));
    expect(await Promise.all(tags.map((input) => client.contact.findByTag.query(input)))).toEqual(tags);
    expect(requests).toHaveLength(3);
  });

  it("fails with what the server says, and fails nobody else's call", async () => {
    const client = createApiClient();
    const [refused, left] = await Promise.allSettled([
      client.room.openDirect.mutate({ userId: "usr_x" }),
      client.room.leave.mutate({ roomId: "room_x" }),
    ]);
    expect(refused).toMatchObject({ reason: { data: { appCode: "not_found", httpStatus: 404 } } });
    expect(left.status).toBe("fulfilled");
  });

  it.each([
    [
      "refuses the request as a whole",
      () => Response.json({ error: { data: { appCode: "overloaded" } } }),
      "overloaded",
    ],
    ["answers with a page", () => new Response("<html>", { status: 502 }), undefined],
    ["answers fewer than were asked", () => Response.json([]), undefined],
  ])("fails every call when the server %s", async (_, respond, appCode) => {
    answer = async () => respond();
    const client = createApiClient();
    const both = await Promise.allSettled([client.account.me.query(), client.account.me.query()]);
    for (const one of both) {
      if (one.status === "fulfilled") throw new Error("a call was answered");
      expect(one.reason).toBeInstanceOf(ProcedureError);
      const { data } = one.reason as ProcedureError;
      expect(data).toEqual(appCode === undefined ? undefined : { appCode });
    }
  });
});
