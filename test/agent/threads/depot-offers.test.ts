/** Which image goes to whom, over a real endpoint on loopback with phones that fetch; above all that none goes after a stop. */
import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createDepotOffers } from "../../../agent/threads/depot-offers.ts";
import type { StandingOrder } from "../../../agent/threads/depot-requests.ts";
import type { KillScope } from "../../../firmware/waves/kill.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import type { EndpointMode } from "../../../protocols/provisioning/endpoint.ts";
import { openCustomerServer } from "../../protocols/provisioning/customer-server.ts";
import { openBench, PART } from "../../protocols/provisioning/kit.ts";
import { text } from "../../protocols/provisioning/overlay-kit.ts";

/** More than the kernel takes for a phone that does not read. */
const LARGE = 24 * 1024 * 1024;
const MODES: Readonly<Record<EndpointMode["kind"], () => Promise<EndpointMode>>> = {
  own: async () => ({ kind: "own" }),
  "image-only": async () => ({ kind: "image-only" }),
  overlay: async () => ({ kind: "overlay", upstream: { url: (await openCustomerServer(text("", 404))).url } }),
};
const MACS = ["64167f000001", "64167f000002", "64167f000003"] as const satisfies readonly string[];

async function open(mode: EndpointMode["kind"], imageBytes = LARGE) {
  const bench = await openBench({ mode: await MODES[mode]() }, imageBytes);
  const { imagePath, sizeBytes, sha256 } = bench.offer();
  const here = { path: imagePath, sizeBytes };
  const images = createDepotOffers({
    endpoint: bench.endpoint,
    base: () => bench.endpoint.url,
    find: (wanted) => (wanted === sha256 ? here : undefined),
  });
  const order = (number: 1 | 2 | 3, release: string, model: string): StandingOrder => ({
    ...{ token: `attempt-${number}`, mac: MACS[number - 1] as Mac, sha256, release, model },
    ...{ imageName: "sip.ld", partNumbers: [PART], held: false },
  });
  return { ...bench, images, order };
}

/** A phone that has begun to fetch and then reads no more until it is told to. */
async function fetching(port: number, token: string) {
  const socket = connect({ port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  let bytes = 0;
  socket.on("data", (piece: Buffer) => {
    bytes += piece.length;
  });
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("end", () => resolve("orderly end"));
  });
  socket.write(`GET /fw/${token}/${PART}.sip.ld HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  while (bytes < 500) await once(socket, "data");
  socket.pause();
  return { socket, ended, gotBytes: () => bytes };
}

async function statusOf(port: number, token: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/fw/${token}/${PART}.sip.ld`, { method: "HEAD" });
  return response.status;
}

const SCOPES: readonly KillScope[] = [
  { kind: "release", release: "ucs-bad" },
  { kind: "model", model: "vvx450" },
];
const CASES = (Object.keys(MODES) as EndpointMode["kind"][]).flatMap((mode) => SCOPES.map((scope) => [mode, scope.kind, scope] as const));

test.each(CASES)(
  "bar(): I9 mode %s, by %s: offered and standing images are reset and refused at once, others go on to their end",
  async (mode, _kind, scope) => {
    const { endpoint, images, order } = await open(mode);
    const { port } = endpoint;
    images.offer(order(1, "ucs-bad", "VVX 450"));
    images.stand([order(2, "ucs-bad", "VVX 450")], [], false);
    images.offer(order(3, "ucs-good", "CCX 500"));
    const phones = [];
    for (const number of [1, 2, 3]) phones.push(await fetching(port, `attempt-${number}`));
    const [offered, stands, other] = phones as [Phone, Phone, Phone];
    images.bar([scope]);
    expect([await statusOf(port, "attempt-1"), await statusOf(port, "attempt-2"), await statusOf(port, "attempt-3")]).toEqual([
      404, 404, 200,
    ]);
    expect(images.offer(order(1, "ucs-bad", "VVX 450"))).toMatchObject({ ok: false, fault: { kind: "cancelled" } });
    for (const phone of phones) phone.socket.resume();
    expect([await offered.ended, await stands.ended, await other.ended]).toEqual(["ECONNRESET", "ECONNRESET", "orderly end"]);
    expect([offered.gotBytes() < LARGE, stands.gotBytes() < LARGE, other.gotBytes() > LARGE]).toEqual([true, true, true]);
    images.bar([]);
    expect(images.offer(order(1, "ucs-bad", "VVX 450")).ok).toBe(true);
    expect([await statusOf(port, "attempt-1"), await statusOf(port, "attempt-2")]).toEqual([200, 200]);
  },
);
type Phone = Awaited<ReturnType<typeof fetching>>;

test.each(Object.keys(MODES) as EndpointMode["kind"][])(
  "bar(): I9 mode %s, the whole site: every byte stops, whoever offered it",
  async (mode) => {
    const { endpoint, images, order, offer } = await open(mode);
    endpoint.offer(offer({ token: "attempt-9" }));
    images.stand([order(2, "ucs-bad", "VVX 450")], [], false);
    const phones = [await fetching(endpoint.port, "attempt-9"), await fetching(endpoint.port, "attempt-2")];
    images.bar([{ kind: "site" }]);
    for (const phone of phones) phone.socket.resume();
    expect(await Promise.all(phones.map(({ ended }) => ended))).toEqual(["ECONNRESET", "ECONNRESET"]);
    expect([await statusOf(endpoint.port, "attempt-9"), await statusOf(endpoint.port, "attempt-2"), endpoint.offers]).toEqual([
      404,
      404,
      [],
    ]);
  },
);

test("stand(): what comes to stand while the switch is on is held, and its name stays", async () => {
  const { endpoint, images, order } = await open("own", 1_000);
  images.bar([{ kind: "model", model: "VVX 450" }]);
  expect(images.stand([order(1, "ucs-bad", "VVX 450"), order(2, "ucs-bad", "CCX 500")], [], true)).toEqual({ missing: [] });
  expect([await statusOf(endpoint.port, "attempt-1"), await statusOf(endpoint.port, "attempt-2")]).toEqual([404, 200]);
  expect([...images.standing.keys()]).toEqual([MACS[0], MACS[1]]);
  images.stand([], [], true);
  await turn();
  expect([images.standing.size, await statusOf(endpoint.port, "attempt-2")]).toEqual([0, 404]);
});

test("bar(): an order that does not say its model may be of the one that is meant", async () => {
  const { images, order } = await open("own", 1_000);
  images.bar([{ kind: "model", model: "VVX 450" }]);
  const { model: _, ...unknown } = order(1, "ucs-good", "");
  expect(images.offer(unknown)).toMatchObject({ ok: false, fault: { kind: "cancelled" } });
});

test("withdraw(): an attempt that ended is no longer among what is barred, and may be offered anew", async () => {
  const { images, order } = await open("own", 1_000);
  expect([images.offer(order(1, "a", "VVX 450")).ok, images.offer(order(1, "a", "VVX 450")).ok]).toEqual([true, true]);
  images.withdraw(["attempt-1", "attempt-none"]);
  images.bar([{ kind: "release", release: "a" }]);
  images.bar([]);
  expect(images.offer(order(1, "a", "VVX 450")).ok).toBe(true);
});
