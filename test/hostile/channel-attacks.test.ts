/**
 * Every attack on a channel that the TUF specification names (1.0.31, 1.5.2), and those on its readers: each refused, by its
 * name, from a folder and from a server. The attacker has whatever the row says, and all of the network.
 */
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CatalogueMark } from "../../firmware/sources/catalogue-order.ts";
import type { SourceFaultName } from "../../firmware/sources/source.ts";
import { download } from "../../firmware/staging/download.ts";
import { makeKeys } from "../../fixtures/channel/make.ts";
import { demoReleases } from "../../fixtures/channel/releases.ts";
import {
  channel,
  DEMO_VERSIONS,
  never,
  outcome,
  readMetadata,
  SMALL,
  signedBy,
  temporaryFolder,
  writeMetadata,
} from "../firmware/sources/kit.ts";
import { downloadIo } from "../firmware/staging/kit.ts";
import { forge, nextRoot, olderCopy, PAST, putBack, type Stand, stand, type Way, withKeys } from "./channel-stand.ts";

interface Attack {
  readonly attack: string;
  readonly named: SourceFaultName;
  /** Has the reader read the channel before? */
  readonly knows?: boolean;
  make(stand: Stand): void | Promise<void>;
}

const stranger = makeKeys();
const rootKey = ({ of }: Stand, at: number) => of.keys.root[at] ?? stranger.timestamp;
const twoRoots = (stand: Stand) => [rootKey(stand, 0), rootKey(stand, 1)];

const ATTACKS: readonly Attack[] = [
  {
    attack: "arbitrary software: releases by a stranger, all other keys stolen",
    named: "signature",
    make: (s) => forge(s, { by: { targets: stranger.targets } }),
  },
  {
    attack: "arbitrary software: snapshot by a stranger, with the timestamp key",
    named: "signature",
    make: (s) => forge(s, { by: { snapshot: stranger.snapshot } }),
  },
  {
    attack: "arbitrary software: timestamp by a stranger",
    named: "signature",
    make: (s) => forge(s, { by: { timestamp: stranger.timestamp } }),
  },
  {
    attack: "arbitrary software: releases signed with the snapshot key",
    named: "signature",
    make: (s) => forge(s, { by: { targets: s.of.keys.snapshot } }),
  },
  {
    attack: "rollback: an older timestamp",
    named: "rollback",
    knows: true,
    make: async (s) => putBack(s, await olderCopy(s), "timestamp.json", "1.snapshot.json", "1.targets.json"),
  },
  {
    attack: "rollback: an older timestamp over the same snapshot",
    named: "rollback",
    knows: true,
    make: (s) => {
      const { signed } = readMetadata(s.of, "timestamp.json");
      writeMetadata(s.of, "timestamp.json", signedBy({ ...signed, version: 1 }, [s.of.keys.timestamp]));
    },
  },
  {
    attack: "rollback: a newer timestamp over an older snapshot",
    named: "rollback",
    knows: true,
    make: (s) => forge(s, { snapshot: { version: 1 } }),
  },
  {
    attack: "rollback: a newer snapshot over older releases",
    named: "rollback",
    knows: true,
    make: (s) => forge(s, { targets: { version: 1 } }),
  },
  {
    attack: "rollback: releases of another version than the snapshot says",
    named: "rollback",
    make: (s) => {
      forge(s, {});
      const bytes = readFileSync(join(s.of.folder, "metadata", "2.targets.json"));
      forge(s, { snapshot: { meta: { "targets.json": { version: 9, length: bytes.length } } } });
      writeMetadata(s.of, "9.targets.json", bytes);
    },
  },
  {
    attack: "rollback: the old root as the next one",
    named: "rollback",
    make: (s) => writeMetadata(s.of, "2.root.json", readFileSync(join(s.of.folder, "metadata", "1.root.json"))),
  },
  { attack: "root skips a version", named: "rollback", make: (s) => nextRoot(s, twoRoots(s), { version: 3 }) },
  { attack: "fast-forward: a version beyond whole numbers", named: "garbled", make: (s) => forge(s, { timestamp: { version: 1e300 } }) },
  ...(["timestamp", "snapshot", "targets"] as const).map(
    (role): Attack => ({ attack: `freeze: ${role} has run out`, named: "expired", make: (s) => forge(s, { [role]: { expires: PAST } }) }),
  ),
  { attack: "freeze: the root has run out", named: "expired", make: (s) => nextRoot(s, twoRoots(s), { expires: PAST }) },
  { attack: "freeze: an expiry that is no date", named: "garbled", make: (s) => forge(s, { timestamp: { expires: "never" } }) },
  {
    attack: "mix and match: releases of another publication",
    named: "mixed",
    make: async (s) => {
      const other = await channel({ keys: s.of.keys, version: 2, releases: demoReleases(SMALL + 1) });
      putBack(s, other, "2.targets.json");
    },
  },
  {
    attack: "mix and match: snapshot of another publication",
    named: "mixed",
    make: async (s) => {
      const other = await channel({ keys: s.of.keys, version: 2, releases: demoReleases(SMALL + 1) });
      putBack(s, other, "2.snapshot.json");
    },
  },
  { attack: "key compromise below the threshold: a root by one root key", named: "signature", make: (s) => nextRoot(s, [rootKey(s, 0)]) },
  {
    attack: "key compromise below the threshold: a root by one root key and a stranger's",
    named: "signature",
    make: (s) => nextRoot(s, [rootKey(s, 0), stranger.timestamp]),
  },
  {
    attack: "key compromise below the threshold: a root by the keys of all other roles",
    named: "signature",
    make: (s) => nextRoot(s, [s.of.keys.targets, s.of.keys.snapshot, s.of.keys.timestamp]),
  },
  {
    attack: "arbitrary software: a root of a stranger's keys, signed by all of them",
    named: "signature",
    make: (s) => nextRoot(s, [stranger.timestamp], withKeys(s, { root: stranger.timestamp })),
  },
  {
    attack: "key compromise below the threshold: a root of a stranger's keys, signed by them and one root key",
    named: "signature",
    make: (s) => nextRoot(s, [stranger.timestamp, rootKey(s, 0)], withKeys(s, { root: stranger.timestamp })),
  },
  {
    attack: "a root that its own new keys have not signed",
    named: "signature",
    make: (s) => nextRoot(s, twoRoots(s), withKeys(s, { root: stranger.timestamp })),
  },
  { attack: "one root key's signature twice", named: "signature", make: (s) => nextRoot(s, [rootKey(s, 0), rootKey(s, 0)]) },
  {
    attack: "one key under two ids, for a threshold of two",
    named: "signature",
    make: (s) => {
      const { targets } = s.of.keys;
      const twin = (publicKey: string) => ({ keytype: "ed25519", scheme: "ed25519", keyval: { public: publicKey } });
      const { keys, roles } = withKeys(s, {}) as { keys: object; roles: object };
      nextRoot(s, twoRoots(s), {
        keys: { ...keys, one: twin(targets.publicHex), two: twin(targets.publicHex.toUpperCase()) },
        roles: { ...roles, targets: { keyids: ["one", "two"], threshold: 2 } },
      });
      forge(s, {
        by: {
          targets: [
            { ...targets, id: "one" },
            { ...targets, id: "two" },
          ],
        },
      });
    },
  },
  {
    attack: "a key of an unknown kind counts for nothing",
    named: "signature",
    make: (s) => {
      const { keys, roles } = withKeys(s, {}) as { keys: object; roles: object };
      const { id } = s.of.keys.targets;
      nextRoot(s, twoRoots(s), { keys: { ...keys, [id]: { keytype: "oracle", scheme: "trust-me", keyval: { public: "00" } } }, roles });
    },
  },
  {
    attack: "a signature by an id the root does not know",
    named: "signature",
    make: (s) => forge(s, { by: { timestamp: { ...s.of.keys.timestamp, id: "0".repeat(64) } } }),
  },
  {
    attack: "crowd: a root of 5,000 keys that nobody signed",
    named: "oversized",
    make: (s) =>
      nextRoot(s, [], {
        keys: Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, { keytype: "", scheme: "", keyval: {} }])),
      }),
  },
  {
    attack: "crowd: 20,000 releases, snapshot and timestamp keys stolen",
    named: "oversized",
    make: (s) =>
      forge(s, {
        targets: { targets: Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`t${at}`, { length: 0, hashes: {} }])) },
        by: { targets: stranger.targets },
      }),
  },
  {
    attack: "crowd: 5,000 signatures",
    named: "oversized",
    make: (s) =>
      writeMetadata(
        s.of,
        "2.root.json",
        JSON.stringify({ signed: {}, signatures: Array.from({ length: 5_000 }, (_, at) => ({ keyid: `k${at}`, sig: "" })) }),
      ),
  },
  ...["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"].map(
    (name): Attack => ({
      attack: `no metadata: ${name} of nested lists`,
      named: "garbled",
      make: (s) => writeMetadata(s.of, name, "[".repeat(90) + "]".repeat(90)),
    }),
  ),
  {
    attack: "a root that nests 100,000 deep",
    named: "signature",
    make: (s) => {
      nextRoot(s, twoRoots(s), { deep: "HERE" });
      const text = JSON.stringify(readMetadata(s.of, "2.root.json"));
      writeMetadata(s.of, "2.root.json", text.replace('"HERE"', "[".repeat(100_000) + "]".repeat(100_000)));
    },
  },
  {
    attack: "a root without consistent snapshots",
    named: "garbled",
    make: (s) => {
      nextRoot(s, twoRoots(s), { consistent_snapshot: false });
      for (const role of ["snapshot", "targets"])
        writeMetadata(s.of, `${role}.json`, readFileSync(join(s.of.folder, "metadata", `2.${role}.json`)));
    },
  },
];

describe.each<Way>(["folder", "server"])("a channel from a %s", (way) => {
  test.each(ATTACKS)("$attack: refused as $named", async ({ named, knows = false, make }) => {
    const under = await stand(way);
    const reader = under.reader();
    if (knows) expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
    await make(under);
    expect(await outcome(reader)).toBe(named);
    // Nor does it get through at the second try.
    expect(await outcome(reader)).toBe(named);
  });

  test("a wrong root: another channel's is refused as signature, what is no root as pin", async () => {
    const under = await stand(way);
    const { rootPath } = await channel();
    expect(await outcome(under.reader({ rootPath }))).toBe("signature");
    writeFileSync(rootPath, "{}");
    expect(await outcome(under.reader({ rootPath }))).toBe("pin");
  });

  test("rollback: with our memory of the channel lost, an older root and an older catalogue are still refused", async () => {
    const under = await stand(way);
    nextRoot(under, twoRoots(under));
    const read = await under.reader().read(undefined, never);
    const seen: CatalogueMark | undefined = read.ok ? read.value : undefined;
    expect(seen?.trust?.rootVersion).toBe(2);
    unlinkSync(join(under.of.folder, "metadata", "2.root.json"));
    expect(await outcome(under.reader(), seen)).toBe("rollback");
    nextRoot(under, twoRoots(under));
    putBack(under, await olderCopy(under), "timestamp.json", "1.snapshot.json", "1.targets.json");
    expect(await outcome(under.reader(), seen)).toBe("rollback");
  });

  test("wrong target: an image or a document changed in place is refused alone, whatever its name says", async () => {
    const under = await stand(way);
    const reader = under.reader();
    const [first, second] = demoReleases(SMALL);
    const read = await reader.read(undefined, never);
    const image = read.ok ? read.value.releases.find(({ id }) => id === first?.doc.id)?.images[0] : undefined;
    if (image === undefined) throw new Error("no image");
    // The other release's image under this one's name: of the same length, and itself signed.
    writeFileSync(join(under.of.folder, "targets", `images/${first?.doc.id}/${image.sha256}.sip.ld`), second?.images[0]?.bytes ?? "");
    const ask = { name: image.target, from: reader.locate(image), sha256: image.sha256, sizeBytes: image.sizeBytes };
    const fetched = await download({ ...ask, partialPath: join(temporaryFolder(), "part") }, downloadIo(), never);
    expect(fetched).toMatchObject({ ok: false, fault: { kind: "mismatch" } });
    // A document of the same length with another word in it.
    const folder = join(under.of.folder, "targets/releases");
    const name = readdirSync(folder).find((one) => one.endsWith(`${first?.doc.id}.json`)) ?? "";
    writeFileSync(join(folder, name), readFileSync(join(folder, name), "utf8").replace("VVX", "XVV"));
    expect(await reader.read(undefined, never)).toMatchObject({
      ok: true,
      value: {
        releases: [{ id: second?.doc.id }],
        refused: [{ document: `releases/${first?.doc.id}.json`, why: "its bytes are not those the channel signed" }],
      },
    });
  });
});
