import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { startSite } from "../../../fixtures/site/site.ts";
import { manualClock, systemClock } from "../../../protocols/core/time.ts";
import { publishedSchema } from "../../support/schemas.ts";
import { run } from "./kit.ts";

const io = { clock: manualClock(0), stop: AbortSignal.abort() };

test("sweep: stopped before its end is exit 4, and says how far it came", async () => {
  const ran = await run(["sweep", "127.0.0.0/30", "--json"], io);
  expect([ran.code, ran.json()]).toMatchObject([4, { schema: "groundswell.sweep/1", asked: 0, sightings: [] }]);
  expect(ran.err).toMatch(/^Stopped: 0 of \d addresses asked, no device found, in 0 s\n/m);
});

test("sweep: a range of the internet is asked only where somebody says it is theirs", async () => {
  expect((await run(["sweep", "203.0.113.0/30"], io)).code).toBe(5);
  expect((await run(["sweep", "203.0.113.0/30", "--allow-public"], io)).code).not.toBe(5);
});

test("sweep: a range is as good as a network; one that is public, too large or backwards is refused with its reason", async () => {
  expect((await run(["sweep", "127.0.0.1-127.0.0.9"], io)).code).toBe(4);
  const refused = async (...ranges: readonly string[]) => {
    const { code, err } = await run(["sweep", ...ranges], io);
    return [code, err.split("\n")[0]];
  };
  expect(await refused("10.0.0.0/15", "10.7.0.1")).toEqual([5, expect.stringContaining("131073 addresses are more than a /15")]);
  expect(await refused("10.255.255.0-11.0.0.9")).toEqual([5, expect.stringContaining("lies on the internet")]);
  expect(await refused("127.0.0.9-127.0.0.1")).toEqual([2, expect.stringContaining("is not a network")]);
  expect(await refused("fd00::/64")).toEqual([2, expect.stringContaining("too large to knock at every address")]);
  expect(await refused("127.0.0.1/32", "--exclude", "127.0.0.0/24")).toEqual([2, expect.stringContaining("Every address is excluded")]);
});

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
interface Published {
  readonly $defs: { readonly progress: JsonSchema };
  readonly properties: { readonly sightings: { readonly items: JsonSchema } };
}

test("sweep: --json and --ndjson of a real sweep are as published", async () => {
  const clock = systemClock();
  const { ready, site, close } = await startSite({
    ...{ seed: 21, devices: 14, clock, provisioning: undefined, channelFolder: undefined },
  });
  onTestFinished(() => close());
  const ports = Object.entries(ready.ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const argv = ["sweep", ...site.devices.map(({ address }) => address), ...ports, "--community", ready.credentials.community];
  const schema = JSON.parse(publishedSchema("sweep.schema.json")) as Published;

  const whole = await run([...argv, "--json"], { clock });
  const document = z.fromJSONSchema(schema as unknown as JsonSchema).parse(whole.json()) as { complete: boolean; sightings: unknown[] };
  expect([whole.code, document.complete]).toEqual([0, true]);
  expect(document.sightings.length).toBeGreaterThan(7);
  expect(() => z.fromJSONSchema(schema as unknown as JsonSchema).parse({ ...document, extra: 1 })).toThrow();

  const lines = await run([...argv, "--ndjson"], { clock });
  const found = lines.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  for (const line of found) z.fromJSONSchema(schema.properties.sightings.items).parse(line);
  expect(found).toHaveLength(document.sightings.length);
  const told = lines.err.split("\n").filter((line) => line.startsWith("{"));
  expect(told.length).toBeGreaterThan(0);
  for (const line of told) z.fromJSONSchema(schema.$defs.progress).parse(JSON.parse(line));
  expect((await run([...argv, "--ndjson", "--quiet"], { clock })).err).toBe("");
});
