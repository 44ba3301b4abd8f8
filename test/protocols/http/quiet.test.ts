/** A kept connection on which something comes that nobody asked for: no ask gets it as its answer, and one is told. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Fault, Result } from "../../../protocols/core/fault.ts";
import type { HttpAnswer } from "../../../protocols/http/client.ts";
import { client, device, never, plainDevice, rawPeer, targetOf } from "./kit.ts";

const ask = { method: "GET", path: "/x" } as const;
const answer = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const told = (via: "http" | "https") => ({ kind: "garbled", via, wanted: "one answer to each ask" });

const said = (result: Result<HttpAnswer>): string | Fault => (result.ok ? result.value.body.toString() : result.fault);

/** Answers its nth request with "n", and puts `behind` on the wire after the first answer, in one piece or in a second. */
async function talkative(behind: string, apart: boolean) {
  let asked = 0;
  const idle = Promise.withResolvers<void>();
  const peer = await rawPeer((socket: Socket) => {
    const speak = (): void => {
      const first = ++asked === 1;
      if (!first) return void socket.write(answer(String(asked)));
      if (apart) socket.write(answer("1"), () => idle.promise.then(() => socket.write(behind)));
      else socket.write(`${answer("1")}${behind}`);
    };
    speak();
    socket.on("data", speak);
  });
  return { peer, goOn: idle.resolve, asked: () => asked };
}

const SURPLUS: readonly (readonly [string, string])[] = [
  ["a whole answer", answer("b")],
  ["half an answer", "HTTP/1.1 200 OK\r\ncont"],
  ["no HTTP at all", "hello there"],
];

test.each(SURPLUS)("HttpClient.ask(): %s right behind an answer ends the next ask, and the one after is well", async (_what, behind) => {
  const { peer, asked } = await talkative(behind, false);
  const http = client();
  const target = targetOf(peer, { secure: false });
  expect(said(await http.ask(target, ask, never))).toBe("1");
  expect(said(await http.ask(target, ask, never))).toMatchObject(told("http"));
  expect([asked(), peer.connections()]).toEqual([1, 1]);
  expect(said(await http.ask(target, ask, never))).toBe("2");
});

test.each([...SURPLUS, ["an empty line", "\r\n"] as const])(
  "HttpClient.ask(): %s that comes while nobody asks ends the next ask, and the one after is well",
  async (_what, behind) => {
    const { peer, goOn, asked } = await talkative(behind, true);
    const http = client();
    const target = targetOf(peer, { secure: false });
    expect(said(await http.ask(target, ask, never))).toBe("1");
    goOn();
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(said(await http.ask(target, ask, never))).toMatchObject(told("http"));
    expect([asked(), peer.connections()]).toEqual([1, 1]);
    expect(said(await http.ask(target, ask, never))).toBe("2");
  },
);

/** Behind each answer another, as its own record or segment. */
const twice = (request: { readonly path: string }, response: ServerResponse): void => {
  response.prependOnceListener("finish", () => response.socket?.write(answer("unasked")));
  response.end(request.path);
};

test.each([
  ["https", device],
  ["http", plainDevice],
] as const)("HttpClient.ask(): by %s, an answer sent twice is never taken for the next one's, however fast the asks", async (via, make) => {
  const peer = await make(twice);
  const http = client();
  const target = targetOf(peer, { secure: via === "https" });
  const all: (string | Fault)[] = [];
  for (let i = 0; i < 40; i++) all.push(said(await http.ask(target, { ...ask, path: `/${i}` }, never)));
  expect(all.filter((one, index) => typeof one === "string" && one !== `/${index}`)).toEqual([]);
  expect(all.filter((one) => typeof one !== "string")).toHaveLength(20);
  expect(all[1]).toMatchObject(told(via));
});

test("HttpClient.ask(): a connection that the peer just closes is no surplus", async () => {
  let asked = 0;
  const peer = await rawPeer((socket) => void socket.end(answer(String(++asked))));
  const http = client();
  const target = targetOf(peer, { secure: false });
  for (const body of ["1", "2", "3"]) expect(said(await http.ask(target, ask, never))).toBe(body);
});

test("HttpClient.ask(): a quiet connection is kept", async () => {
  const peer = await device((_request, response) => response.end("well"));
  const http = client();
  for (let i = 0; i < 5; i++) expect(said(await http.ask(targetOf(peer), ask, never))).toBe("well");
  expect(peer.connections()).toBe(1);
});
