/**
 * A device as Poly Lens told of it: the answers to the two questions a visit asks, cut down to that device, and what was read
 * from them. Of the simulated Lens until real ones are recorded. `npm run fixtures` writes them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSite } from "../../fixtures/site/site.ts";
import type { DeviceRead } from "../../protocols/core/device.ts";
import { ok } from "../../protocols/core/fault.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { manualClock } from "../../protocols/core/time.ts";
import { lensOnly } from "../../protocols/families/lens-only.ts";
import { createHttpClient, type HttpAnswer, type HttpClient } from "../../protocols/http/client.ts";
import { createLensClient } from "../../protocols/lens/client.ts";
import { createLens } from "../../protocols/lens/inventory.ts";
import { familyIo, targetAt } from "./family-io.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/lens-only");
const AT_MS = Date.UTC(2026, 10, 22, 12);
const SEED = 5;
const SECRET = "canary-log-in";
const never = new AbortController().signal;

/** GraphQL answers by the field they are about. */
export interface LensAnswers {
  readonly deviceSearch: unknown;
  readonly activeCalls?: unknown;
}

interface Node {
  readonly macAddress?: string | null;
  readonly serialNumber?: string | null;
  readonly hardwareModel?: string | null;
  readonly softwareVersion?: string | null;
}

export interface LensRecording {
  readonly answers: LensAnswers;
  readonly read: DeviceRead;
}

const answerOf = (body: unknown): HttpAnswer => ({
  status: 200,
  headers: new Map([["content-type", "application/json"]]),
  body: Buffer.from(JSON.stringify(body)),
});

/** Reads a recorded device with the family's own driver; what is asked and was not recorded is a failure. */
export async function readRecorded(answers: LensAnswers): Promise<DeviceRead> {
  const plain = familyIo();
  const clock = manualClock(AT_MS);
  const http: HttpClient = {
    ...plain.http,
    ask: async (_target, ask) => {
      if (ask.path === "/token") return ok(answerOf({ access_token: "recorded", expires_in: 86_400 }));
      const { query } = JSON.parse(String(ask.body)) as { query: string };
      const field = (["deviceSearch", "activeCalls"] as const).find((name) => query.includes(name));
      if (field === undefined || answers[field] === undefined) throw new Error(`not recorded: ${query.slice(0, 80)}`);
      return ok(answerOf({ data: { [field]: answers[field] } }));
    },
  };
  try {
    const endpoints = { token: "https://lens.example/token", graphql: "https://lens.example/graphql" };
    const account = { clientId: new Secret("recorded"), clientSecret: new Secret(SECRET), endpoints };
    const lens = createLens({ client: createLensClient(account, { http, clock }), clock });
    const { edges } = answers.deviceSearch as { edges: readonly { node: Node }[] };
    const node = edges[0]?.node ?? {};
    const mac = parseMac(node.macAddress ?? "");
    const target = await targetAt({}, { address: "", ...(mac === undefined ? {} : { expectMac: mac }), ...serialOf(node) });
    return await lensOnly.read(target, { ...plain, clock, http, lens }, never);
  } finally {
    await plain.close();
  }
}

const serialOf = ({ serialNumber }: Node): { serial?: string } =>
  serialNumber === undefined || serialNumber === null ? {} : { serial: serialNumber };

/** What the simulated Lens says of the first device of that model. */
export async function recordLens(model: string): Promise<{ readonly name: string; readonly recording: LensRecording }> {
  const clock = manualClock(AT_MS);
  const running = await startSite({ seed: SEED, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock });
  const { lens: access } = running.ready;
  const { clientId, clientSecret } = access.account;
  const http = createHttpClient({ random: seededRandom(SEED) });
  const heard: Record<string, unknown> = {};
  const listening: HttpClient = {
    ...http,
    async ask(target, ask, signal) {
      const answer = await http.ask(target, ask, signal);
      if (answer.ok) Object.assign(heard, (JSON.parse(answer.value.body.toString()) as { data?: object }).data);
      return answer;
    },
  };
  const account = {
    clientId: new Secret(clientId),
    clientSecret: new Secret(clientSecret),
    endpoints: { token: access.token, graphql: access.graphql },
    roots: access.ca,
  };
  const lens = createLens({ client: createLensClient(account, { http: listening, clock }), clock });
  try {
    const list = await lens.list(never);
    const device = list.ok ? list.value.devices.find(({ facts }) => facts.model === model) : undefined;
    if (device === undefined) throw new Error(`The simulated Lens has no ${model}`);
    await lens.inUse(device, never);
    const { edges } = heard["deviceSearch"] as { edges: readonly { node: Node & { id: string } }[] };
    const own = edges.filter(({ node }) => node.id === device.id);
    const pageInfo = { totalCount: own.length, countOnPage: own.length, nextToken: null, hasNextPage: false };
    const answers = { ...heard, deviceSearch: { edges: own, pageInfo } };
    const read = await readRecorded(answers);
    const version = read.facts.running?.application ?? own[0]?.node.softwareVersion ?? "unknown";
    const name = `${model.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}_${version}`;
    return { name, recording: { answers, read } };
  } finally {
    await Promise.all([http.close(), running.close()]);
  }
}

export function lensRecordings(): readonly (readonly [name: string, recording: LensRecording])[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((name) => {
      const parsed = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, name, file), "utf8"));
      return [name, { answers: parsed("lens.json") as LensAnswers, read: parsed("expected.json") as DeviceRead }];
    });
}

/** A device at a USB port, and a phone that is in a call. */
export const LENS_MODELS = ["Voyager Focus 2", "CCX 600"] as const;

if (process.argv.includes("--write")) {
  for (const model of LENS_MODELS) {
    const { name, recording } = await recordLens(model);
    await mkdir(join(FOLDER, name), { recursive: true });
    for (const [file, content] of [
      ["lens.json", recording.answers],
      ["expected.json", recording.read],
    ] as const) {
      await writeFile(join(FOLDER, name, file), `${JSON.stringify(content, undefined, 2)}\n`);
    }
    process.stdout.write(`fixtures/lens-only/${name}: 2 files\n`);
  }
}
