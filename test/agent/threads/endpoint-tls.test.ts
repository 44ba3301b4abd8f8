import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fileConfigIo } from "../../../agent/config/files.ts";
import { firstTls, keepRenewed, LOOK_EVERY_MS, readTls } from "../../../agent/threads/endpoint-tls.ts";
import { DAY, manualClock } from "../../../protocols/core/time.ts";
import type { TlsIdentity } from "../../../protocols/provisioning/tls.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { type MadeCertificate, makeAuthority, makeCertificate } from "../../support/certificate.ts";

const NOW = Date.UTC(2026, 10, 29);
const first = makeCertificate("CN=first");
const second = makeCertificate("CN=second");
const io = { ...fileConfigIo({}), nowMs: () => NOW };

function made() {
  const folder = temporaryFolder();
  const put = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o600);
  };
  const pair = ({ cert, key }: MadeCertificate): void => {
    put("cert", cert);
    put("key", key);
  };
  pair(first);
  put("roots", makeAuthority("CN=maker").cert);
  const at = (name: string): string => join(folder, name);
  const files = {
    port: 0,
    certFile: at("cert"),
    keyFile: at("key"),
    clientRootsFile: at("roots"),
    oldClients: false,
    clientCertificates: "ask",
  } as const;
  return { files, put, pair, remove: (name: string) => rmSync(at(name)) };
}

test("readTls(): certificate, key and authorities", async () => {
  const { files } = made();
  expect(await readTls(files, io)).toMatchObject({
    ok: true,
    identity: { certificate: first.cert, clientRoots: expect.stringContaining("BEGIN") },
  });
  expect(await firstTls(files, io)).toMatchObject({ setting: { port: 0, clientCertificates: "ask", oldClients: false } });
});

test("readTls(): what is wrong is told with its file, and a first start with it fails", async () => {
  const bench = made();
  bench.put("key", second.key);
  expect(await readTls(bench.files, io)).toMatchObject({ ok: false, why: expect.stringContaining("is not the key of the certificate") });
  await expect(firstTls(bench.files, io)).rejects.toThrow("Cannot serve over TLS");
  bench.pair(second);
  bench.put("roots", "none");
  expect(await readTls(bench.files, io)).toMatchObject({ ok: false, why: expect.stringContaining("holds no certificates") });
  bench.put("roots", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  expect(await readTls(bench.files, io)).toMatchObject({ ok: false, why: expect.stringContaining("holds no certificates") });
});

async function kept(unfit: (identity: TlsIdentity) => boolean = () => false) {
  const bench = made();
  const clock = manualClock(NOW);
  const stop = new AbortController();
  const renewed: string[] = [];
  const told: object[] = [];
  const renew = (identity: TlsIdentity): void => {
    if (unfit(identity)) throw new Error("unfit");
    renewed.push(identity.certificate);
  };
  let rests = (): void => undefined;
  const noted = {
    ...clock,
    sleep(lengthMs: number, signal?: AbortSignal) {
      rests();
      return clock.sleep(lengthMs, signal);
    },
  };
  const given = { io, clock: noted, renew, tell: (event: object) => void told.push(event) };
  const running = keepRenewed(bench.files, await firstTls(bench.files, io), given, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  /** One look, to its end: it rests again. */
  const look = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    rests = resolve;
    await clock.advance(LOOK_EVERY_MS);
    await promise;
  };
  return { ...bench, renewed, told, look };
}

test("keepRenewed(): a renewed certificate is taken up once, and what stays the same never", async () => {
  const { pair, renewed, told, look } = await kept();
  await look();
  expect([renewed, told]).toEqual([[], []]);
  pair(second);
  await look();
  await look();
  expect([renewed, told]).toEqual([[second.cert], [{ kind: "endpointCertificate", isRenewed: true }]]);
});

test("keepRenewed(): a file that is half written changes nothing, is told once, and is taken up when it is whole", async () => {
  const { put, pair, remove, renewed, told, look } = await kept();
  put("cert", second.cert);
  await look();
  await look();
  expect(renewed).toEqual([]);
  expect(told).toEqual([{ kind: "endpointCertificate", isRenewed: false, what: expect.stringContaining("is not the key") }]);
  remove("key");
  await look();
  expect(told[1]).toMatchObject({ isRenewed: false, what: expect.stringContaining("it does not exist") });
  pair(second);
  await look();
  expect([renewed, told[2]]).toEqual([[second.cert], { kind: "endpointCertificate", isRenewed: true }]);
});

test("keepRenewed(): a certificate that TLS does not take is told once, and the older one stays", async () => {
  const { pair, renewed, told, look } = await kept(({ certificate }) => certificate === second.cert);
  pair(second);
  await look();
  await look();
  expect([renewed, told]).toEqual([
    [],
    [{ kind: "endpointCertificate", isRenewed: false, what: "the renewed certificate cannot be used for TLS" }],
  ]);
});

test("keepRenewed(): one that is over soon is told with it", async () => {
  const { pair, told, look } = await kept();
  pair(makeCertificate("CN=short", NOW + 3 * DAY));
  await look();
  expect(told).toEqual([{ kind: "endpointCertificate", isRenewed: true, what: expect.stringContaining("expires on 2026-12-02") }]);
});
