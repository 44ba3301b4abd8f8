/** The two recorded boots, sent by curl: to the endpoint alone, and through it to an nginx that only gives files. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { openBench, phone } from "../protocols/provisioning/kit.ts";
import { NGINX, openBootServer } from "./boot-server.ts";
import { peerTest } from "./peer.ts";

const CURL = "/usr/bin/curl";
const run = promisify(execFile);
/** `agent` where it is another than the application's. */
type Step = readonly [method: string, path: string, own: number, overlay: number, agent?: string];

/** Status, content type and body, as curl prints them; redirects are not followed. */
async function curl(
  url: string,
  method: string,
  agent: string,
): Promise<{ readonly status: number; readonly type: string; readonly body: string }> {
  const how =
    method === "HEAD" ? ["--head", "--output", "/dev/null"] : method === "PUT" ? ["--request", "PUT", "--data-binary", "text"] : [];
  const args = [
    "--silent",
    "--noproxy",
    "*",
    "--max-time",
    "20",
    "--user-agent",
    agent,
    ...how,
    "--write-out",
    "\n%{http_code} %{content_type}",
    url,
  ];
  const { stdout } = await run(CURL, args);
  const end = stdout.lastIndexOf("\n");
  const [status = "", type = ""] = stdout.slice(end + 1).split(" ");
  return { status: Number(status), type, body: stdout.slice(0, end) };
}

const VVX_UPDATER = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater";
const VVX = "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application";
/** Source: protocols/provisioning.md 1 (oryk_provisioner). The server of the second column has no logs and takes none. */
const VVX_BOOT: readonly Step[] = [
  ["PUT", "0004f2aabbcc-boot.log", 201, 405, VVX_UPDATER],
  ["GET", "0004f2aabbcc.cfg", 200, 200],
  ["GET", "3111-44500-001.3111-44500-001.sip.ld", 404, 404],
  ["GET", "0004f2aabbcc-phone.cfg", 404, 404],
  ["GET", "0004f2aabbcc-web.cfg", 404, 404],
  ["GET", "000000000000-license.cfg", 404, 404],
  ["GET", "0004f2aabbcc-license.cfg", 404, 404],
  ["GET", "0004f2aabbcc-calls.xml", 404, 404],
  ["GET", "0004f2aabbcc-directory.xml", 404, 404],
  ["GET", "000000000000-directory.xml", 404, 404],
  ["HEAD", "0004f2aabbcc-app.log", 404, 404],
  ["PUT", "0004f2aabbcc-app.log", 201, 405],
];
const MICROBROWSER = "Microbrowser/1.1 PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 Type/Application";
const SOUNDPOINT = "FileTransport PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 (SN:0004f2ddeeff) Type/Application";
/** Source: protocols/provisioning.md 1 (SoundPoint mTLS provisioner). */
const SOUNDPOINT_BOOT: readonly Step[] = [
  ["GET", "0004f2ddeeff.cfg", 200, 404],
  ["GET", "000000000000.cfg", 200, 200],
  ["GET", "0004f2ddeeff-user.cfg", 404, 200],
  ["GET", "0004f2ddeeff-phone.cfg", 404, 404],
  ["GET", "0004f2ddeeff-web.cfg", 404, 404],
  ["GET", "000000000000-license.cfg", 404, 404],
  ["PUT", "0004f2ddeeff-app.log", 201, 405],
  ["GET", "screen/0004F2DDEEFF", 404, 404, MICROBROWSER],
];

/** Healthy: never a redirect, never a page of HTML under 200, and only what the documents call harmless. Source: protocols/provisioning.md 1 and 3. */
async function replay(
  base: string,
  steps: readonly Step[],
  agent: string,
): Promise<{ readonly statuses: readonly number[]; readonly bodies: readonly string[] }> {
  const statuses: number[] = [];
  const bodies: string[] = [];
  for (const [method, path, , , other] of steps) {
    const { status, body } = await curl(`${base}/${path}`, method, other ?? agent);
    expect([200, 201, 204, 404, 405, 501]).toContain(status);
    if (status === 200) expect(body).not.toMatch(/<html/i);
    statuses.push(status);
    bodies.push(body);
  }
  return { statuses, bodies };
}

peerTest("own: curl's replay of the recorded boots gets the answers the documents call healthy", CURL, async () => {
  const bench = await openBench();
  expect((await replay(bench.endpoint.url, VVX_BOOT, VVX)).statuses).toEqual(VVX_BOOT.map(([, , own]) => own));
  expect((await replay(bench.endpoint.url, SOUNDPOINT_BOOT, SOUNDPOINT)).statuses).toEqual(SOUNDPOINT_BOOT.map(([, , own]) => own));
});

const MASTER = '<?xml version="1.0"?>\n<APPLICATION APP_FILE_PATH="3111-44500-001.sip.ld" CONFIG_FILES=""/>\n';
const EVERYBODY =
  '<?xml version="1.0"?>\n<APPLICATION APP_FILE_PATH="" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg">\n<APPLICATION_SPIP550 APP_FILE_PATH_SPIP550="4.0.X/sip.ld"/></APPLICATION>\n';

peerTest(
  "overlay: curl's replay of the recorded boots gets nginx's own answers, an attempt changes the master file alone",
  [CURL, NGINX],
  async () => {
    const server = await openBootServer({ uploads: false });
    server.fill((folder) => {
      mkdirSync(folder);
      const files = { "0004f2aabbcc.cfg": MASTER, "000000000000.cfg": EVERYBODY, "0004f2ddeeff-user.cfg": "<polycomConfig/>" };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    });
    const bench = await openBench({ mode: { kind: "overlay", upstream: { url: server.url } } });
    for (const [boot, agent] of [
      [VVX_BOOT, VVX],
      [SOUNDPOINT_BOOT, SOUNDPOINT],
    ] as const) {
      const through = await replay(bench.endpoint.url, boot, agent);
      expect(through.statuses).toEqual(boot.map(([, , , overlay]) => overlay));
      expect(through).toEqual(await replay(server.url, boot, agent));
    }
    expect(bench.told()).toEqual([]);
    expect(bench.uploaded()).toEqual([]);
    // The trap: told `sip.ld`, the phone asks for its part number's file, and that is what is given.
    bench.endpoint.offer(bench.offer({ mac: "0004f2aabbcc" as never, partNumbers: ["3111-44500-001"] }));
    bench.endpoint.offer(bench.offer({ mac: "0004f2ddeeff" as never, token: "attempt-2", partNumbers: ["2345-12500-001"] }));
    const vvx = await replay(bench.endpoint.url, VVX_BOOT, VVX);
    expect(vvx.bodies[1]).toBe(MASTER.replace("3111-44500-001.sip.ld", "fw/attempt-1/sip.ld"));
    const soundPoint = await replay(bench.endpoint.url, SOUNDPOINT_BOOT, SOUNDPOINT);
    expect(soundPoint.bodies[1]).toBe(
      EVERYBODY.replace('APP_FILE_PATH=""', 'APP_FILE_PATH="fw/attempt-2/sip.ld"').replace("4.0.X/sip.ld", "fw/attempt-2/sip.ld"),
    );
    expect((await phone(bench, "/fw/attempt-2/2345-12500-001.sip.ld")).body.equals(bench.image)).toBe(true);
  },
);

peerTest("image-only: of the recorded boots only the image is asked here, and only what is offered is given", CURL, async () => {
  const bench = await openBench({ mode: { kind: "image-only" } });
  const [, , image] = VVX_BOOT;
  if (image === undefined) throw new Error("no such step");
  const ask = () => curl(`${bench.endpoint.url}/${image[1]}`, "GET", VVX);
  // Nobody is told of anything: the phone stays on what it runs.
  expect((await ask()).status).toBe(404);
  // The customer's master file names the part number already, and the phone puts its own before it.
  bench.endpoint.offer(bench.offer({ mac: "0004f2aabbcc" as never, partNumbers: ["3111-44500-001"], seenAt: "127.0.0.1" }));
  const given = await ask();
  expect([given.status, given.body.length > 0]).toEqual([200, true]);
  for (const [method, path] of [...VVX_BOOT, ...SOUNDPOINT_BOOT].filter(([, path]) => !path.endsWith(".sip.ld"))) {
    const { status, body } = await curl(`${bench.endpoint.url}/${path}`, method, VVX);
    expect([404, 405]).toContain(status);
    expect(body).toBe("");
  }
});
