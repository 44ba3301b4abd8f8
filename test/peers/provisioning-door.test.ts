/** Real clients at our provisioning endpoint: curl as a phone in many ways, openssl as an old one and as one that wants too much. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { AccountSetting } from "../../protocols/provisioning/basic-digest.ts";
import type { TlsSetting } from "../../protocols/provisioning/tls.ts";
import { MAC, OTHER_MAC, PART, TOKEN, temporaryFolder } from "../protocols/provisioning/kit.ts";
import { ACCOUNT, MAKER, openSecureBench, SERVER } from "../protocols/provisioning/secure-kit.ts";
import { type MadeCertificate, makeAuthority } from "../support/certificate.ts";
import { peerTest } from "./peer.ts";

const CURL = "/usr/bin/curl";
const OPENSSL = "/usr/bin/openssl";

function run(program: string, args: readonly string[], input = ""): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out: stdout + stderr });
    });
    child.stdin?.end(input);
  });
}

async function made(tls: Partial<TlsSetting> = {}, account: AccountSetting | undefined = ACCOUNT) {
  const bench = await openSecureBench(tls, account === undefined ? {} : { account });
  const folder = temporaryFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const roots = file("ca.pem", SERVER.cert);
  const log = file("app.log", "so   |*|00|Initial log entry.\n");
  const clear = `http://127.0.0.1:${bench.endpoint.port}`;
  const secure = `https://127.0.0.1:${bench.securePort}`;
  /** The statuses in the order they came, with those that only say "go on". */
  const allOf = async (...args: string[]): Promise<string> => {
    const { out } = await run(CURL, ["-s", "-S", "-i", "--noproxy", "*", "--cacert", roots, "--max-time", "20", ...args]);
    return [...out.matchAll(/^HTTP\/[\d.]+ (\d\d\d)/gm)].map(([, status]) => status).join(" ") || out.trim();
  };
  const curl = async (...args: string[]): Promise<string> => (await allOf(...args)).replaceAll(/\b100 /g, "");
  const as = (who: MadeCertificate): string[] => ["--cert", file("client.pem", who.cert), "--key", file("client.key", who.key)];
  return { ...bench, clear, secure, allOf, curl, as, log, file };
}
const USER = ["-u", "site:canary-password"];
const LOG = `/${MAC}-app.log`;

peerTest("curl: Digest in clear and over TLS, Basic over TLS alone", CURL, async () => {
  const { curl, clear, secure, log, uploaded, told } = await made();
  expect(await curl("-T", log, clear + LOG)).toBe("401");
  expect(await curl("--digest", ...USER, "-T", log, clear + LOG)).toBe("401 201");
  expect(await curl("--digest", ...USER, "-T", log, secure + LOG)).toBe("401 201");
  expect(await curl("--anyauth", ...USER, "-T", log, secure + LOG)).toBe("401 201");
  expect(await curl("--basic", ...USER, "-T", log, secure + LOG)).toBe("201");
  expect(await curl("--basic", ...USER, "-T", log, clear + LOG)).toBe("401");
  expect(await curl("--digest", "-u", "site:guess", "-T", log, clear + LOG)).toBe("401 401");
  expect(uploaded()).toEqual([`${MAC}-app.log`]);
  expect(told().flatMap((event) => (event.kind === "refused" ? [event.reason] : []))).toEqual(["a password in clear"]);
});

peerTest("curl: Digest of MD5 alone, where that is what is offered", CURL, async () => {
  const { curl, clear, log } = await made({}, { ...ACCOUNT, digests: ["md5"] });
  expect(await curl("--digest", ...USER, "-T", log, clear + LOG)).toBe("401 201");
});

peerTest("curl: two files over one connection, the nonce counted on", CURL, async () => {
  const { curl, clear, log } = await made();
  const two = ["-T", log, clear + LOG, "-T", log, `${clear}/${MAC}-boot.log`];
  expect(await curl("--digest", ...USER, ...two)).toMatch(/^401 201 (?:401 )?201$/);
});

peerTest(
  "curl: a client certificate is as good as the account, another phone's is refused, and none is asked for the account",
  CURL,
  async () => {
    const { curl, secure, log, as } = await made({ clientCertificates: "ask" });
    const own = MAKER.issue(`CN=${MAC}, O=Polycom Inc.`);
    expect(await curl(...as(own), "-T", log, secure + LOG)).toBe("201");
    expect(await curl(...as(MAKER.issue(`CN=${MAC}, O=Polycom Inc.`, Date.UTC(2021, 0, 1))), "-T", log, secure + LOG)).toBe("201");
    expect(await curl(...as(MAKER.issue(`CN=${OTHER_MAC}, O=Polycom Inc.`)), "-T", log, secure + LOG)).toBe("403");
    expect(
      await curl(...as(makeAuthority("CN=maker").issue(`CN=${MAC}, O=Polycom Inc.`, Date.UTC(2021, 0, 1))), "-T", log, secure + LOG),
    ).toBe("401");
    expect(await curl("-T", log, secure + LOG)).toBe("401");
  },
);

peerTest("curl: HTTP/1.0, HEAD, ranges and an upload that is announced", CURL, async () => {
  const { curl, allOf, clear, secure, log, endpoint, offer, file } = await made();
  endpoint.offer(offer());
  const image = `/fw/${TOKEN}/${PART}.sip.ld`;
  expect(await curl("-0", `${clear}/${MAC}.cfg`)).toBe("200");
  expect(await curl("-0", secure + image)).toBe("200");
  expect(await curl("-I", clear + image)).toBe("200");
  expect(await curl("-r", "10-19", clear + image)).toBe("206");
  expect(await curl("--digest", ...USER, "-0", "-T", log, clear + LOG)).toBe("401 201");
  // Curl waits for our word before a large body, and is spared it where it may not come in.
  const announced = ["-H", "Expect: 100-continue", "--expect100-timeout", "15", "-T", log, secure + LOG];
  expect(await allOf(...USER, ...announced)).toBe("100 201");
  expect(await allOf(...announced)).toBe("401");
  expect(await curl(...USER, "-T", file("large", "x".repeat(3_000)), secure + LOG)).toMatch(/201$|413$/);
});

peerTest("openssl: TLS 1.2 and 1.3 are spoken, 1.0 only where a person allowed it", OPENSSL, async () => {
  const strict = await made();
  const lax = await made({ oldClients: true });
  const speak = async (port: number, ...args: string[]): Promise<string> => {
    const { out } = await run(OPENSSL, ["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof", ...args], "GET /x HTTP/1.0\r\n\r\n");
    return /HTTP\/1\.1 404/.test(out)
      ? "served"
      : /alert protocol version|unsupported protocol|alert number 70/.test(out)
        ? "refused"
        : out;
  };
  const old = ["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"];
  expect(await speak(strict.securePort, "-tls1_2")).toBe("served");
  expect(await speak(strict.securePort, "-tls1_3")).toBe("served");
  expect(await speak(strict.securePort, ...old)).toBe("refused");
  expect(await speak(lax.securePort, ...old)).toBe("served");
  expect(await speak(lax.securePort, "-tls1_3")).toBe("served");
});

peerTest("openssl: a wish to renegotiate is refused, and nobody else notices", OPENSSL, async () => {
  const { securePort, curl, secure } = await made();
  // `R` on a line of its own is s_client's word for it.
  const { out } = await run(OPENSSL, ["s_client", "-connect", `127.0.0.1:${securePort}`, "-tls1_2"], "R\n");
  expect(out).toMatch(/RENEGOTIATING[\s\S]*no renegotiation/);
  expect(await curl(`${secure}/${MAC}.cfg`)).toBe("200");
});
