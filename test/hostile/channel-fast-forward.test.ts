/**
 * Fast-forward attacks on a channel (TUF specification 1.0.31, 1.5.2): stolen keys drive versions up to block readers. Named,
 * and over as soon as the partner has replaced the keys.
 */
import { describe, expect, test } from "vitest";
import { makeKeys } from "../../fixtures/channel/make.ts";
import { DEMO_VERSIONS, never, outcome, published } from "../firmware/sources/kit.ts";
import { forge, nextRoot, type Stand, stand, type Way, withKeys } from "./channel-stand.ts";

const twoRoots = ({ of }: Stand) => of.keys.root.slice(0, 2);

describe("fast-forward", () => {
  const HIGHEST = Number.MAX_SAFE_INTEGER;

  test.each<Way>(["folder", "server"])(
    "from a %s: stolen snapshot and timestamp keys block readers, by name, until the partner replaces both",
    async (way) => {
      const under = await stand(way);
      const reader = under.reader();
      forge(under, { version: 2, snapshot: { version: HIGHEST }, timestamp: { version: HIGHEST } });
      expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
      await published(under.of, 3);
      expect(await outcome(reader)).toBe("rollback");
      const { snapshot, timestamp } = makeKeys();
      nextRoot(under, twoRoots(under), withKeys(under, { snapshot, timestamp }));
      under.of = await published({ ...under.of, keys: { ...under.of.keys, snapshot, timestamp } }, 4);
      expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
    },
  );

  test("stolen release keys block readers beyond their memory, until the partner replaces them: then a lower version is taken", async () => {
    const under = await stand("folder");
    const reader = under.reader();
    forge(under, { version: HIGHEST });
    const read = await reader.read(undefined, never);
    const seen = read.ok ? read.value : undefined;
    expect(seen).toMatchObject({ version: HIGHEST });
    const { targets, snapshot, timestamp } = makeKeys();
    // New keys for all but the releases are not enough: whoever has those could still go back.
    nextRoot(under, twoRoots(under), withKeys(under, { snapshot, timestamp }));
    const half = { ...under.of, keys: { ...under.of.keys, snapshot, timestamp } };
    await published(half, 3);
    expect(await outcome(reader, seen)).toBe("rollback");
    nextRoot(under, twoRoots(under), withKeys(under, { targets, snapshot, timestamp }), 3);
    await published({ ...half, keys: { ...half.keys, targets } }, 4);
    expect(await outcome(reader, seen)).toEqual(DEMO_VERSIONS);
  });
});
