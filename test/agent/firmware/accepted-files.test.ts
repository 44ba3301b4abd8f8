import { expect, test } from "vitest";
import { type AcceptOrder, nameFiles } from "../../../agent/firmware/accepted-files.ts";
import type { QuarantinedFile } from "../../../store/quarantine.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";
import { ARCHIVE, archive, archiveDocument, document, file, INSIDE, PART } from "./kit.ts";

const of = (changes: Partial<AcceptOrder> = {}): AcceptOrder => ({
  hashes: [ARCHIVE],
  release: archiveDocument(),
  reason: "",
  despite: [],
  ...changes,
});

function storeWith(...files: readonly QuarantinedFile[]) {
  const store = temporaryStore();
  for (const one of files) store.quarantine.add(one, T0);
  return store;
}

test("nameFiles(): an archive brings those of its images that the document names", () => {
  const named = nameFiles(of(), storeWith(archive()));
  expect(named).toMatchObject({
    ok: true,
    value: [
      {
        images: [{ sha256: INSIDE[PART] }, { sha256: INSIDE["3111-48830-001"] }],
        from: { archive: { source: "folder", name: "UC_Software.zip", sha256: ARCHIVE, unpackedBytes: 20 } },
      },
    ],
  });
  const one = archiveDocument({ images: archiveDocument().images.slice(0, 1), models: ["VVX 450"] });
  expect(nameFiles(of({ release: one }), storeWith(archive()))).toMatchObject({ value: [{ images: [{ sha256: INSIDE[PART] }] }] });
});

test.each<[string, QuarantinedFile, Partial<AcceptOrder>, RegExp]>([
  [
    "an archive that is refused",
    archive({ inside: { kind: "refused", why: "bomb", words: "It unpacks to far more than it holds." } }),
    {},
    /"UC_Software\.zip" cannot be accepted\. It unpacks to far more/,
  ],
  [
    "an archive without an image of a phone, for phones",
    archive({ inside: { kind: "other", words: "It holds no image." } }),
    {},
    /cannot be accepted for phones\. It holds no image/,
  ],
  [
    "a document that names the archive in place of its images",
    archive(),
    { release: document(ARCHIVE) },
    /names no image that is inside "UC_Software\.zip"/,
  ],
  [
    "another size than the image inside has",
    archive(),
    { release: archiveDocument({ images: archiveDocument().images.map((image) => ({ ...image, sizeBytes: 10 })) }) },
    /says 10 bytes of .* the file "3111-48840-001\.sip\.ld" has 9/,
  ],
  [
    "another version than is inside",
    archive(),
    { release: archiveDocument({ version: "6.4.8.1" }) },
    /sip\.ver inside says 6\.4\.9\.1\. If you know why, accept it with --despite version/,
  ],
  [
    "another version in the list",
    archive({ listed: { version: "6.4.8", partNumbers: [] } }),
    {},
    /the source lists 6\.4\.8, its own sip\.ver says 6\.4\.9\.1.*--despite version/,
  ],
  [
    "a file nobody has looked into",
    { source: "folder", name: "a.ld", sha256: ARCHIVE, sizeBytes: 9, hint: {} },
    { release: document(ARCHIVE) },
    /has not been looked into yet/,
  ],
])("nameFiles(): %s is not accepted, in words that say what to do", (_what, found, changes, words) => {
  expect(nameFiles(of(changes), storeWith(found))).toMatchObject({
    ok: false,
    fault: { code: "wrongState", why: expect.stringMatching(words) },
  });
});

test("nameFiles(): who names the contradiction is taken at their word; who names another one is not", () => {
  const store = storeWith(archive({ listed: { version: "6.4.8", partNumbers: ["3111-48820-001"] } }));
  expect(nameFiles(of({ despite: ["version"] }), store)).toMatchObject({
    ok: false,
    fault: { why: expect.stringMatching(/--despite parts$/) },
  });
  expect(nameFiles(of({ despite: ["version", "parts"] }), store)).toMatchObject({ ok: true });
});

test("nameFiles(): an archive that is gone is enough where its images are staged", () => {
  const store = storeWith(archive());
  store.quarantine.gone("folder", ARCHIVE, T0);
  expect(nameFiles(of(), store)).toMatchObject({ ok: false, fault: { why: expect.stringContaining("lies nowhere any more") } });
  for (const sha256 of Object.values(INSIDE)) store.releases.saveImage({ sha256, sizeBytes: 9, state: "staged", atMs: T0 });
  expect(nameFiles(of(), store)).toMatchObject({ ok: true, value: [{ images: [{}, {}] }] });
  expect(nameFiles(of(), store)).not.toHaveProperty("value.0.from");
});

test("nameFiles(): a package of a video system may be an archive itself", () => {
  const found = file({ sha256: sha("e"), inside: { kind: "other", words: "no phones" } });
  const release = document(sha("e"), {
    family: "video-os",
    models: ["Studio X50"],
    images: [{ ...document().images[0], partNumbers: ["2201-86270-001"] }],
  });
  expect(nameFiles(of({ hashes: [sha("e")], release }), storeWith(found))).toMatchObject({
    ok: true,
    value: [{ from: { held: { name: "a.ld" } } }],
  });
});
