/** A customer's server in trouble: each phone comes to a clear end, no image is named where none can be, and the operator is told. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { realAlarm } from "../../../protocols/core/time.ts";
import type { OverlayOptions } from "../../../protocols/provisioning/gateway.ts";
import type { Says } from "./customer-server.ts";
import { type Answer, type Bench, MAC, OTHER_MAC, openBench, phone, sendRaw, TOKEN } from "./kit.ts";
import { AGENT, MASTER, odd, openOverlay, said, text } from "./overlay-kit.ts";

const WAITS = { connectMs: 2_000, answerMs: 80 };
const ask = (bench: Bench, target: string, headers: readonly string[] = []): Promise<Answer> =>
  phone(bench, target, { headers: [AGENT, ...headers] });
const bugs = (bench: Bench) => bench.events.filter(({ kind }) => kind === "bug");

/** A server that answers every request with these bytes, and then does what it does. */
async function openRaw(bytes: string, then: (socket: Socket) => void, more: Partial<OverlayOptions> = {}): Promise<Bench> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.once("data", () => socket.write(bytes, "latin1", () => then(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return openBench({
    mode: { kind: "overlay", upstream: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, waits: WAITS, ...more },
  });
}
const stay = (): void => undefined;
const end = (socket: Socket): void => void socket.end();

test.each<[string, string, (socket: Socket) => void, RegExp]>([
  ["says nothing", "", stay, /^silent$/],
  ["hangs up at once", "", end, /^ECONNRESET$/],
  ["speaks SSH", "SSH-2.0-OpenSSH_9.2p1\r\n", stay, /^HPE_/],
  ["says half a head", "HTTP/1.1 200 OK\r\nContent-Le", end, /^(?:HPE_|ECONNRESET)/],
  ["never ends its head", "HTTP/1.1 200 OK\r\nA: b\r\n", stay, /^silent$/],
  ["has a head of 20 KB", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(20_000)}\r\n\r\n`, end, /^HPE_HEADER_OVERFLOW$/],
  ["has a status of its own", "HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n", end, /^not HTTP$/],
  ["has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", end, /^HPE_/],
  [
    "has a length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    end,
    /^HPE_/,
  ],
  ["switches protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", end, /./],
])(
  "a server that %s: 502 without a word for every file, with and without an image in mind, and it is told",
  async (_what, bytes, then, why) => {
    const bench = await openRaw(bytes, then);
    bench.endpoint.offer(bench.offer());
    for (const target of [`/${MAC}.cfg`, "/common.cfg", `/${OTHER_MAC}.cfg`, `/${MAC}-phone.cfg`]) {
      // One that is silent is spared for a moment.
      await bench.clock.advance(1_000);
      const { status, body } = await ask(bench, target);
      expect([status, body.length]).toEqual([502, 0]);
    }
    expect(bench.told()).toEqual([{ kind: "upstreamDown", why: expect.stringMatching(why) }]);
  },
);

test.each<[string, string, (socket: Socket) => void, string]>([
  ["breaks off", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<APPLI", end, "it broke off before its end"],
  ["breaks off between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<AP\r\n", end, "it broke off before its end"],
  ["spoils its chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<AP\r\nzz\r\n", end, "it broke off before its end"],
  ["stops", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<APPLI", stay, "it stopped in the middle"],
])("a body that %s never looks whole, names no image, and is told once for all phones", async (_what, bytes, then, why) => {
  const bench = await openRaw(bytes, then);
  bench.endpoint.offer(bench.offer());
  const wished = await ask(bench, `/${MAC}.cfg`);
  expect([wished.status === 0 || wished.status === 502, wished.body.length]).toEqual([true, 0]);
  for (const mac of [OTHER_MAC, "64167f000001", "64167f000002"]) {
    const answer = await sendRaw(bench.endpoint.port, `GET /${mac}.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const head = answer.toString("latin1");
    // Its head promises more than came: the length, or the last chunk.
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(/Content-Length: 100/i.test(head) ? answer.length < 100 + head.indexOf("\r\n\r\n") : !head.endsWith("0\r\n\r\n")).toBe(true);
    expect(head).not.toContain(TOKEN);
  }
  expect(odd(bench)).toEqual([["broken", `/${MAC}.cfg`, why]]);
  expect(bugs(bench)).toEqual([]);
});

test("a body that goes on for ever, a little at a time, ends by the clock", async () => {
  const bench = await openRaw(
    "HTTP/1.1 200 OK\r\n\r\n",
    (socket) => {
      const more = (): void => void (socket.destroyed || socket.write("x", () => setImmediate(more)));
      more();
    },
    { limits: { answerMs: 300 } },
  );
  bench.endpoint.offer(bench.offer());
  expect((await ask(bench, `/${MAC}.cfg`)).status).toBe(502);
  const answer = await sendRaw(bench.endpoint.port, "GET /a.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect(answer.toString("latin1").endsWith("0\r\n\r\n")).toBe(false);
  expect(odd(bench).map(([, , why]) => why)).toEqual(["it did not end in time", "it did not end in time"]);
});

test("a phone that takes its time is waited for: the server is not what is silent", async () => {
  const body = Buffer.alloc(8_000_000, 7);
  // A busy machine makes the server wait too.
  const waits = { ...WAITS, answerMs: 500 };
  const bench = await openOverlay(text(body), { waits });
  const answer = await new Promise<number>((resolve) => {
    let had = 0;
    const socket = connect(bench.endpoint.port, "127.0.0.1", () =>
      socket.write("GET /a.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    );
    socket.on("data", (piece: Buffer) => {
      if (had === 0) {
        socket.pause();
        realAlarm(4 * waits.answerMs, () => socket.resume());
      }
      had += piece.length;
    });
    socket.once("close", () => resolve(had));
  });
  expect(answer).toBeGreaterThan(body.length);
  expect(bench.told()).toEqual([]);
});

test("more than a gigabyte announced is refused at once; what is not announced is cut off at the limit, and little of it is ever held", async () => {
  const announced = await openRaw(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 30 + 1}\r\n\r\n`, stay);
  announced.endpoint.offer(announced.offer());
  expect((await ask(announced, "/a.bin")).status).toBe(502);
  expect(odd(announced)).toEqual([["broken", "/a.bin", "it is longer than may pass"]]);
  const piece = Buffer.alloc(1024 * 1024, 0x20);
  const endless: Says = (_heard, response) => {
    response.on("error", () => undefined).writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  };
  const answerBytes = 256 * 1024 * 1024;
  const bench = await openOverlay(endless, { limits: { answerBytes } });
  bench.endpoint.offer(bench.offer());
  const before = process.memoryUsage().rss;
  let had = 0;
  await new Promise<void>((resolve) => {
    const socket = connect(bench.endpoint.port, "127.0.0.1", () => socket.write(`GET /${MAC}.cfg HTTP/1.1\r\nHost: x\r\n${AGENT}\r\n\r\n`));
    socket.on("data", (bytes: Buffer) => {
      had += bytes.length;
    });
    socket.on("error", () => undefined).once("close", () => resolve());
  });
  expect(Math.abs(had - answerBytes)).toBeLessThan(answerBytes / 8);
  expect(process.memoryUsage().rss - before).toBeLessThan(answerBytes / 2);
  expect(odd(bench)).toEqual([
    ["unreadable", `/${MAC}.cfg`, "it is too long for a master file"],
    ["broken", `/${MAC}.cfg`, "it is longer than may pass"],
  ]);
});

test.each([
  ["on the same host", "/elsewhere/master.cfg"],
  ["on another host", "http://192.0.2.1/master.cfg"],
])(
  "a redirect %s in place of a master file is passed on, never followed, and told, with an image in mind or not",
  async (_what, location) => {
    const bench = await openOverlay(text("moved", 302, ["Location", location]));
    bench.endpoint.offer(bench.offer());
    for (const mac of [MAC, OTHER_MAC]) {
      const answer = await ask(bench, `/${mac}.cfg`);
      expect([answer.status, answer.headers.get("location"), answer.body.toString()]).toEqual([302, location, "moved"]);
    }
    expect((await ask(bench, "/common.cfg")).status).toBe(302);
    expect(bench.customer.heard).toHaveLength(3);
    expect(odd(bench)).toEqual([["elsewhere", `/${MAC}.cfg`, "the server sends the phone elsewhere (302)"]]);
  },
);

test("not modified: passed on where the phone asked that, told where nobody did", async () => {
  const bench = await openOverlay((_heard, response) => response.writeHead(304, ["ETag", '"abc"']).end());
  const condition = ['If-None-Match: "abc"'];
  expect((await ask(bench, "/common.cfg", condition)).status).toBe(304);
  bench.endpoint.offer(bench.offer());
  const answer = await ask(bench, `/${MAC}.cfg`, condition);
  expect([answer.status, answer.body.length]).toEqual([304, 0]);
  expect(bench.customer.heard.at(-1)?.headers.has("if-none-match")).toBe(false);
  expect(odd(bench)).toEqual([["unreadable", `/${MAC}.cfg`, "the server says that it did not change, though nobody asked that"]]);
});

test("the server's own trouble in place of a master file is passed on and told once for all phones", async () => {
  const bench = await openOverlay(text("later", 503, ["Retry-After", "5"]));
  bench.endpoint.offer(bench.offer());
  for (const mac of [MAC, OTHER_MAC, "64167f000001"]) expect(said(await ask(bench, `/${mac}.cfg`))).toEqual([503, "later"]);
  await ask(bench, "/common.cfg");
  expect(odd(bench)).toEqual([["broken", `/${MAC}.cfg`, "the server answers 503"]]);
});

test("slow, and whole in the end: nothing is told", async () => {
  const slowly: Says = (_heard, response) => {
    response.writeHead(200, ["Content-Length", `${Buffer.byteLength(MASTER)}`]);
    const pieces = [...Buffer.from(MASTER)];
    const more = (): void => {
      const piece = Buffer.from(pieces.splice(0, 20));
      if (pieces.length === 0) response.end(piece);
      else response.write(piece, () => setImmediate(more));
    };
    more();
  };
  const bench = await openOverlay(slowly, { waits: WAITS });
  bench.endpoint.offer(bench.offer());
  expect(said(await ask(bench, `/${OTHER_MAC}.cfg`))).toEqual([200, MASTER]);
  expect(said(await ask(bench, `/${MAC}.cfg`))[1]).toContain(`fw/${TOKEN}/sip.ld`);
  expect(bench.told()).toEqual([]);
});

test("a phone that goes away in the middle is nobody's trouble", async () => {
  const bench = await openOverlay((_heard, response) => void response.writeHead(200, ["Content-Length", "100"]).write("x"), {
    waits: { connectMs: 2_000, answerMs: 60_000 },
  });
  const socket = connect(bench.endpoint.port, "127.0.0.1", () => socket.write("GET /a.cfg HTTP/1.1\r\nHost: x\r\n\r\n"));
  await new Promise<void>((resolve) => socket.once("data", () => resolve()));
  socket.destroy();
  await vi.waitFor(() => expect(bench.customer.heard).toHaveLength(1));
  await bench.customer.close();
  expect(bench.told().filter(({ kind }) => kind !== "refused")).toEqual([]);
});
