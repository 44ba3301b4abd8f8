/**
 * A floor of phones that boots through the endpoint in each of its modes, a real nginx being the customer's boot server; what
 * each phone got is compared with what it gets straight from there.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, vi } from "vitest";
import type { ReceivedFile } from "../../fixtures/site/device.ts";
import { setByHand } from "../../fixtures/site/phone-overrides.ts";
import type { Mac, Sha256 } from "../../protocols/core/ids.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { type Endpoint, type EndpointMode, openEndpoint } from "../../protocols/provisioning/endpoint.ts";
import type { EndpointEvent } from "../../protocols/provisioning/exchange.ts";
import type { Offer } from "../../protocols/provisioning/offers.ts";
import { openUploads, type Uploads } from "../../protocols/provisioning/uploads.ts";
import { temporaryFolder } from "../protocols/provisioning/kit.ts";
import { type BootFloor, CURRENT, FLOOR, imageOf, macAt, NEWER, openBootFloor, shown, writeCustomerFiles } from "../support/boot-floor.ts";
import { NGINX, openBootServer } from "./boot-server.ts";
import { peerTest } from "./peer.ts";

/** Real milliseconds: thousands of requests, on whatever machine. */
const PATIENCE_MS = 300_000;

const floors: BootFloor[] = [];
afterEach(async () => {
  for (const { stage } of floors.splice(0)) await stage.close();
});

async function openFloor(size?: number): Promise<BootFloor> {
  const floor = await openBootFloor(size);
  floors.push(floor);
  return floor;
}

interface Opened {
  readonly endpoint: Endpoint;
  readonly events: EndpointEvent[];
  /** An image of its hardware in that version, offered under this token. */
  offer(index: number, token: string, version: string): Offer;
  told(): readonly unknown[];
  readonly uploads: Uploads;
}

async function open(mode: EndpointMode, floor: BootFloor): Promise<Opened> {
  const folder = temporaryFolder();
  const events: EndpointEvent[] = [];
  const uploads = await openUploads(join(folder, "uploads"));
  const endpoint = await openEndpoint({
    ...{ host: "127.0.0.1", port: 0, mode, clock: systemClock() },
    uploads,
    onEvent: (event) => void events.push(event),
  });
  onTestFinished(() => endpoint.close());
  return {
    endpoint,
    events,
    offer(index, token, version) {
      const { partNumber = "", model = "", address = "" } = floor.devices[index] ?? {};
      const image = imageOf(version, partNumber);
      const imagePath = join(folder, `${partNumber}-${version}`);
      writeFileSync(imagePath, image);
      const about = {
        imageName: "sip.ld",
        partNumbers: [partNumber],
        imagePath,
        sizeBytes: image.length,
        sha256: "0f".repeat(32) as Sha256,
      };
      return { token, mac: macAt(index), model, seenAt: address, ...about };
    },
    told: () => events.filter(({ kind }) => kind !== "checkIn" && kind !== "upload" && !kind.startsWith("image")),
    uploads,
  };
}

/** Phones of the wave: of each model, and of each kind of master file. */
const WAVE = Array.from({ length: 20 }, (_, i) => i * 7);
const isMaster = ({ path, status, method }: ReceivedFile) => method === "GET" && status === 200 && /^[0-9a-f]{12}\.cfg$/.test(path);
const images = (got: readonly ReceivedFile[]) => got.filter(({ path }) => path.endsWith(".sip.ld"));
/** The version in an image's first line. */
const versionOf = ({ bytes }: ReceivedFile) => /"version":"([^"]*)"/.exec(bytes.toString("latin1", 0, 200))?.[1];

peerTest(
  `overlay: ${FLOOR} phones that boot through it get to the byte what nginx gives them, and in a wave only its phones get anything else`,
  NGINX,
  async () => {
    const server = await openBootServer({ uploads: true });
    server.fill(writeCustomerFiles);
    const floor = await openFloor();
    const straight = await floor.boot(server.url);
    const countOf = (got: typeof straight): number => [...got.values()].reduce((sum, files) => sum + files.length, 0);
    const linesStraight = (await server.lines(countOf(straight))).toSorted();

    // The same files, the same phones, and the endpoint between them.
    server.fill(writeCustomerFiles);
    const { endpoint, offer, told, uploads } = await open({ kind: "overlay", upstream: { url: server.url } }, floor);
    const through = await floor.boot(endpoint.url);
    let compared = 0;
    for (const [mac, files] of straight) {
      expect(through.get(mac)?.map(shown)).toEqual(files.map(shown));
      compared += files.length;
    }
    expect(compared).toBeGreaterThan(FLOOR * 10);
    // The customer's server was asked the same too.
    const lines = await server.lines(linesStraight.length + countOf(through));
    expect(lines.slice(linesStraight.length).toSorted()).toEqual(linesStraight);
    expect(told()).toEqual([]);
    // Of the logs that it took, and of the overrides that it gave, there are copies here; of nothing else.
    const copies = (): readonly string[] =>
      uploads
        .list()
        .map(({ mac, kind }) => `${mac}-${kind}`)
        .toSorted();
    const expected = floor.devices.flatMap(({ mac }, i) => [
      `${mac}-app.log`,
      `${mac}-boot.log`,
      ...(i % 5 === 0 && hasRootOverrides(i) ? [`${mac}-phone.cfg`] : []),
    ]);
    // Each reaches the disk after its phone has been answered.
    await vi.waitFor(() => expect(copies()).toEqual(expected.toSorted()), { timeout: 30_000 });

    // One wave.
    server.fill(writeCustomerFiles);
    const done = new Set(WAVE.map(macAt));
    for (const index of WAVE) expect(endpoint.offer(offer(index, `attempt-${index}`, NEWER))).toMatchObject({ ok: true });
    const inWave = await floor.boot(endpoint.url);
    for (const [index, { mac }] of floor.devices.entries()) {
      const got = inWave.get(mac) ?? [];
      if (!done.has(mac as Mac)) {
        expect(got.map(shown)).toEqual((straight.get(mac) ?? []).map(shown));
        continue;
      }
      // It took the new image, came back with it, and saw the same name again.
      expect(images(got).map((file) => [file.path, versionOf(file)])).toEqual([
        [`fw/attempt-${index}/${floor.devices[index]?.partNumber}.sip.ld`, NEWER],
        [`fw/attempt-${index}/${floor.devices[index]?.partNumber}.sip.ld`, NEWER],
      ]);
      const [original] = (straight.get(mac) ?? []).filter(isMaster);
      const wanted = withImage(original?.bytes.toString("latin1") ?? "", `fw/attempt-${index}/sip.ld`, floor.devices[index]?.model ?? "");
      for (const master of got.filter(isMaster)) {
        expect(master.bytes.toString("latin1")).toBe(wanted);
        expect(master.headers["content-length"]).toBe(`${wanted.length}`);
        expect([master.headers["etag"], master.headers["last-modified"]]).toEqual([undefined, undefined]);
      }
      // All else is the customer's.
      const rest = (files: readonly ReceivedFile[]) =>
        files.filter((file) => file.method === "GET" && !isMaster(file) && !images([file]).length);
      for (const file of rest(got)) expect(rest(straight.get(mac) ?? []).map(shown)).toContainEqual(shown(file));
    }
    expect(floor.devices.filter(({ running }) => running === NEWER)).toHaveLength(WAVE.length);

    // Over: those that were updated stay on theirs though the customer's files still name the old one; one that was not is sent back.
    const [left = 0, ...kept] = WAVE;
    endpoint.withdrawAll();
    for (const index of kept) endpoint.stand(macAt(index), offer(index, `standing-${index}`, NEWER));
    server.fill(writeCustomerFiles);
    const afterwards = await floor.boot(endpoint.url);
    for (const index of kept) expect(images(afterwards.get(macAt(index)) ?? []).map(versionOf)).toEqual([NEWER]);
    expect(floor.devices.filter(({ running }) => running === NEWER).map(({ mac }) => mac)).toEqual(kept.map(macAt));
    expect(floor.devices[left]?.running).toBe(CURRENT);
    expect(told()).toEqual([]);
  },
  PATIENCE_MS,
);

/** Phones of the third kind of master file look for theirs in a folder where the customer has none. */
const hasRootOverrides = (index: number): boolean => index % 3 !== 2;

/** Written by another hand than the rewrite: the value of each attribute that names this model's image. */
function withImage(text: string, path: string, model: string): string {
  const names = ["APP_FILE_PATH", `APP_FILE_PATH_${model.replace(" ", "")}`];
  const [comments = ""] = /<!--[\s\S]*?-->\r?\n/.exec(text) ?? [];
  const changed = names.reduce(
    (whole, name) => whole.replace(new RegExp(`(\\s${name}\\s*=\\s*)(["'])[^"']*\\2`), `$1$2${path}$2`),
    text.replace(comments, "\u0000"),
  );
  return changed.replace("\u0000", comments);
}

peerTest(
  "overlay: what somebody changes on a phone arrives in the customer's folder, and comes back from there",
  NGINX,
  async () => {
    const server = await openBootServer({ uploads: true });
    server.fill(writeCustomerFiles);
    const floor = await openFloor(12);
    const { endpoint } = await open({ kind: "overlay", upstream: { url: server.url } }, floor);
    await floor.boot(endpoint.url);
    const got: ReceivedFile[] = [];
    floor.stage.site.received = (file) => void got.push(file);
    const [first, , third] = floor.devices;
    if (first === undefined || third === undefined) throw new Error("no phones");
    const sent = await setByHand(floor.stage.site, third, { name: "up.backlight.idleIntensity", value: "1", hand: "local" });
    await setByHand(floor.stage.site, first, { name: "up.backlight.idleIntensity", value: "2", hand: "web" });
    expect(got.map(({ path, status }) => [path, status])).toEqual([
      [`overrides/${third.mac}/${third.mac}-phone.cfg`, 201],
      [`${first.mac}-web.cfg`, 201],
    ]);
    // What is asked of nginx before an update is what they left there.
    const look = (index: number) =>
      endpoint.overridesOf({ mac: macAt(index), model: floor.devices[index]?.model }, new AbortController().signal);
    expect(await look(2)).toMatchObject({ phone: { kind: "there", bytes: Buffer.from(sent) }, web: { kind: "absent" }, old: [] });
    expect(await look(0)).toMatchObject({ phone: { kind: "there" }, web: { kind: "there" } });
    expect(await look(4)).toMatchObject({ phone: { kind: "absent" }, web: { kind: "absent" } });
    const again = await floor.boot(endpoint.url);
    const back = again.get(third.mac)?.find(({ path }) => path.endsWith("-phone.cfg"));
    expect([back?.status, back?.bytes.toString()]).toEqual([200, sent]);
  },
  PATIENCE_MS,
);

peerTest(
  "overlay: while nginx is away phones boot with what they have, and nothing is told but that",
  NGINX,
  async () => {
    const server = await openBootServer({ uploads: true });
    server.fill(writeCustomerFiles);
    const floor = await openFloor(12);
    const { endpoint, told } = await open({ kind: "overlay", upstream: { url: server.url } }, floor);
    await server.stop();
    const got = await floor.boot(endpoint.url);
    const statuses = new Set([...got.values()].flat().map(({ status, bytes }) => `${status} ${bytes.length}`));
    expect([...statuses]).toEqual(["502 0"]);
    expect(told()).toEqual([{ kind: "upstreamDown", why: "ECONNREFUSED" }]);
    expect(floor.devices.every(({ phase, running }) => phase === "up" && running === CURRENT)).toBe(true);
  },
  PATIENCE_MS,
);

peerTest(
  `image-only: ${FLOOR} phones boot from nginx, and come here for images alone`,
  NGINX,
  async () => {
    const server = await openBootServer({ uploads: true });
    server.fill(writeCustomerFiles);
    const floor = await openFloor();
    const straight = await floor.boot(server.url);
    server.fill(writeCustomerFiles);
    const { endpoint, offer, events } = await open({ kind: "image-only" }, floor);
    for (const device of floor.devices) device.vars.set("params", { "device.prov.upgradeServer": `${endpoint.url}/` });
    for (const index of WAVE) endpoint.offer(offer(index, `attempt-${index}`, NEWER));
    const got = await floor.boot(server.url);
    const done = new Set(WAVE.map(macAt));
    for (const [index, { mac }] of floor.devices.entries()) {
      const files = got.get(mac) ?? [];
      const fetched = images(files).map((file) => [file.status, versionOf(file)]);
      const isInWave = done.has(macAt(index));
      // Nobody else is given one: it stays on what it runs.
      expect(fetched).toEqual(
        isInWave
          ? [
              [200, NEWER],
              [200, NEWER],
            ]
          : [[404, undefined]],
      );
      if (isInWave) continue;
      const rest = (of: readonly ReceivedFile[]) => of.filter((file) => images([file]).length === 0).map(shown);
      expect(rest(files)).toEqual(rest(straight.get(mac) ?? []));
    }
    expect(floor.devices.filter(({ running }) => running === NEWER)).toHaveLength(WAVE.length);
    expect(new Set(events.flatMap((event) => (event.kind === "checkIn" ? [event.asked] : [])))).toEqual(new Set(["image"]));
  },
  PATIENCE_MS,
);
