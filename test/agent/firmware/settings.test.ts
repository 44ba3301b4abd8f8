import { expect, onTestFinished, test } from "vitest";
import { configSchema } from "../../../agent/config/schema.ts";
import { kindsOf, plainSourcesOf, startSources } from "../../../agent/firmware/settings.ts";
import type { Sources } from "../../../agent/firmware/sources.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Secrets } from "../../../agent/secrets.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";

const config = (sources: object) =>
  configSchema.parse({ site: { id: "zug-01", name: "Zug" }, dataDirectory: "/data", firmware: { sources } });
const secrets = { firmwarePortalPassword: new Secret("canary"), vendorCatalogueCa: "pem" } as unknown as Secrets;
const all = {
  folder: { folder: "/drop", every: "1m" },
  portal: { url: "https://p.example/api", user: "u", passwordFile: "x" },
  vendorCatalogue: { url: "https://v.example/", caFile: "x" },
  lens: {},
};

test("kindsOf(): those the settings name", () => {
  expect(kindsOf(config(all).firmware.sources)).toEqual(["folder", "portal", "vendor-catalogue", "lens"]);
  expect(kindsOf(config({ lens: {} }).firmware.sources)).toEqual(["lens"]);
});

test("plainSourcesOf(): what the depot thread reads, and nothing where it reads none", () => {
  expect(plainSourcesOf({ config: config(all), secrets })).toEqual({
    sources: {
      quarantineFolder: "/data/quarantine",
      documentsFolder: "/data/documents",
      quarantineBudgetBytes: 10_000_000_000,
      folder: "/drop",
      portal: { url: "https://p.example/api", user: "u", password: "canary" },
      vendorCatalogue: { url: "https://v.example/", origins: [], ca: "pem" },
    },
  });
  expect(plainSourcesOf({ config: config({ lens: {} }), secrets })).toEqual({});
});

test("startSources(): each at its own pace; one that hangs keeps nobody else waiting", async () => {
  const clock = manualClock(T0);
  const read: string[] = [];
  const sources = {
    kinds: ["folder", "lens"],
    async read(kind: string, signal: AbortSignal) {
      read.push(kind);
      if (kind === "lens") await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  } as unknown as Sources;
  const loops = startSources(config(all), { clock, log: SILENT }, sources);
  onTestFinished(async () => void (await Promise.all(loops.map((loop) => loop.stop()))));
  await clock.advance(2 * MINUTE);
  expect(read.filter((kind) => kind === "folder")).toHaveLength(3);
  expect(read.filter((kind) => kind === "lens")).toHaveLength(1);
});
