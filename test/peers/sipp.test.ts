/** Our SIP against a real SIPp that plays a phone: it answers OPTIONS, and challenges a NOTIFY and checks the answer itself. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { systemRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createSipClient } from "../../protocols/sip/probe.ts";
import { peerTest } from "./peer.ts";

const SIPP = "/usr/bin/sipp";
const never = new AbortController().signal;
const COPIED = "[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]";

const answer = (status: string, ...headers: readonly string[]): string =>
  `<![CDATA[\nSIP/2.0 ${status}\n${[COPIED, ...headers].join("\n")}\nContent-Length: 0\n\n]]>`;

const OPTIONS = `<recv request="OPTIONS"/><send>${answer("200 OK", "Contact: <sip:1001@[local_ip]:[local_port]>", "User-Agent: PolycomVVX-VVX_411-UA/6.4.6.0123")}</send>`;

const CHALLENGED = `<recv request="NOTIFY"/>
<send>${answer("401 Unauthorized", 'WWW-Authenticate: Digest realm="PlcmSpIp", nonce="abc123", algorithm=MD5, qop="auth"')}</send>
<recv request="NOTIFY"><action><verifyauth assign_to="good" username="1001" password="line secret"/></action></recv>
<nop test="good" next="1"/>
<send next="2">${answer("401 Unauthorized", 'WWW-Authenticate: Digest realm="PlcmSpIp", nonce="def456", algorithm=MD5, qop="auth"')}</send>
<label id="1"/>
<send>${answer("200 OK")}</send>
<label id="2"/>`;

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** One call of the scenario. `ended` is SIPp's exit code: 0 where the call went as it was written. */
async function startSipp(steps: string): Promise<{ readonly port: number; readonly ended: Promise<number | null> }> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-sipp-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "phone.xml"), `<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="phone">${steps}</scenario>\n`);
  const port = await freePort();
  const options = ["-sf", "phone.xml", "-i", "127.0.0.1", "-p", String(port), "-m", "1", "-nostdin", "-timeout", "20"];
  const child = spawn(SIPP, options, { cwd: folder, stdio: "ignore" });
  onTestFinished(() => void child.kill());
  return { port, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

function client(): ReturnType<typeof createSipClient> {
  const made = createSipClient({ clock: systemClock(), random: systemRandom() });
  onTestFinished(() => made.close());
  return made;
}

peerTest("SIPp: a phone answers OPTIONS with its name, and SIPp finds nothing wrong with our request", SIPP, async () => {
  const { port, ended } = await startSipp(OPTIONS);
  const said = await client().options({ address: "127.0.0.1", port }, never);
  expect(said).toMatchObject({ ok: true, value: { status: 200, userAgent: "PolycomVVX-VVX_411-UA/6.4.6.0123", contactUser: "1001" } });
  expect(await ended).toBe(0);
});

peerTest("SIPp: a challenged check-sync is answered with a Digest that SIPp accepts", SIPP, async () => {
  const { port, ended } = await startSipp(CHALLENGED);
  const login = { id: "line", user: "1001", password: new Secret("line secret") };
  expect(await client().notify({ address: "127.0.0.1", port }, { event: "check-sync", user: "1001", login }, never)).toEqual({
    ok: true,
    value: { status: 200 },
  });
  expect(await ended).toBe(0);
});

peerTest("SIPp: a wrong password is turned away, and said to be the credential's fault", SIPP, async () => {
  const { port } = await startSipp(CHALLENGED);
  const login = { id: "line", user: "1001", password: new Secret("another") };
  expect(await client().notify({ address: "127.0.0.1", port }, { event: "check-sync", user: "1001", login }, never)).toEqual({
    ok: false,
    fault: { kind: "denied", via: "sip", credentialId: "line" },
  });
});
