import fc from "fast-check";
import { expect, test } from "vitest";
import { unseal } from "../../../agent/config-watch/seal.ts";
import { snapshotOf, snapshotOfUpload } from "../../../agent/config-watch/snapshot.ts";
import { macOf } from "../../store/temporary.ts";
import { KEYS, planted } from "./kit.ts";

const FILE = Buffer.from('<PHONE_CONFIG><OVERRIDES reg.1.auth.password="canary-12345" a.b="1"/></PHONE_CONFIG>');

test("snapshotOf(): nothing of a secret leaves, its document only sealed", () => {
  fc.assert(
    fc.property(planted, ({ settings, canaries }) => {
      const document = Buffer.from(JSON.stringify(settings));
      const made = snapshotOf({ source: "backup", settings, document, facts: {} }, KEYS);
      const all = Buffer.concat([
        Buffer.from(JSON.stringify({ ...made, original: made.original?.id })),
        made.original?.sealed ?? Buffer.alloc(0),
      ]);
      for (const secret of canaries) expect(all.includes(secret)).toBe(false);
      expect(unseal(made.original?.sealed ?? Buffer.alloc(0), made.original?.id ?? "", KEYS)?.equals(document)).toBe(true);
    }),
  );
});

test("snapshotOfUpload(): a file of changes, by the name it came under [prov 10.3] [prov 10.4]", () => {
  const made = snapshotOfUpload(macOf(1), "web.cfg", FILE, KEYS);
  if (made?.ok !== true) throw new Error("no snapshot");
  expect(made.value).toMatchObject({
    source: "web-overrides",
    settings: 2,
    facts: { mac: macOf(1) },
    original: { sizeBytes: FILE.length },
  });
  expect(made.value.text).toMatch(/^a\.b = 1\nreg\.1\.auth\.password = \*\*\*[0-9a-f]{8}:[0-9a-f]{10}\n$/);
});

test("snapshotOfUpload(): a log is none, and what is no settings is a fault", () => {
  expect(snapshotOfUpload(macOf(1), "app.log", FILE, KEYS)).toBeUndefined();
  expect(snapshotOfUpload(macOf(1), "phone.cfg", Buffer.from("x"), KEYS)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});
