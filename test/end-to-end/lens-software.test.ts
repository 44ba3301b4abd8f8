/** What Lens offers, by the agent's client against the simulated Lens, over real TLS. */
import { afterEach, expect, test } from "vitest";
import { readLensSoftware } from "../../firmware/sources/lens.ts";
import { startSite } from "../../fixtures/site/site.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { manualClock } from "../../protocols/core/time.ts";
import { createHttpClient } from "../../protocols/http/client.ts";
import { createLensClient } from "../../protocols/lens/client.ts";

const never = new AbortController().signal;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function lens() {
  const clock = manualClock(1_780_000_000_000);
  const site = await startSite({ seed: 7, devices: 4, provisioning: undefined, channelFolder: undefined, clock, lens: {} });
  const http = createHttpClient({ random: seededRandom(7) });
  open.push(
    () => site.close(),
    () => http.close(),
  );
  const { account, token, graphql, ca } = site.ready.lens;
  const secrets = { clientId: new Secret(account.clientId), clientSecret: new Secret(account.clientSecret) };
  const client = createLensClient({ ...secrets, endpoints: { token, graphql }, roots: ca }, { http, clock });
  return { client, report: async () => (await fetch(`${site.ready.control}/lens`)).json() as Promise<{ readonly mutationCount: number }> };
}

test("readLensSoftware(): versions, what is withdrawn, and the steps on the way; nothing is changed through it", async () => {
  const { client, report } = await lens();
  const products = [
    { pid: "VVX 450", running: ["5.9.7.3480", "6.4.6.2494"] },
    { pid: "Trio 8800", running: ["7.2.2.1094"] },
    { pid: "CCX 500", running: [] },
    { pid: "Nobody 1", running: [] },
  ];
  const read = await readLensSoftware(products, client, never);
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  expect(read.value.offerings.map(({ key, revoked, fetch, paths }) => ({ key, revoked, fetch, paths }))).toEqual([
    {
      key: "VVX 450 6.4.7.4560",
      revoked: false,
      fetch: "no",
      paths: [
        { from: "5.9.7.3480", steps: ["6.4.6.2494"] },
        { from: "6.4.6.2494", steps: [] },
      ],
    },
    { key: "Trio 8800 7.2.7.0110", revoked: true, fetch: "no", paths: undefined },
    { key: "CCX 500 8.2.0.3360", revoked: true, fetch: "no", paths: undefined },
  ]);
  expect(read.value.passedOver).toEqual([{ document: "Nobody 1", why: "Lens lists no software for it" }]);
  expect((await report()).mutationCount).toBe(0);
});
