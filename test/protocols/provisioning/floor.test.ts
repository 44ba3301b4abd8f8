/** A floor of simulated phones that has the endpoint for its boot server. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../protocols/core/time.ts";
import { CURRENT, FLOOR, imageOf, macAt, NEWER, openBootFloor } from "../../support/boot-floor.ts";
import { openBench, temporaryFolder } from "./kit.ts";

test(`own: ${FLOOR} phones boot; in a wave of 20 those take the new image, phones we updated before read the head of theirs, the others ask for none`, async () => {
  const { UPLOAD_CAPS, openUploads } = await import("../../../protocols/provisioning/uploads.ts");
  const folder = temporaryFolder();
  const bench = await openBench({ clock: systemClock(), uploads: await openUploads(join(folder, "uploads"), UPLOAD_CAPS) });
  const floor = await openBootFloor();
  onTestFinished(() => floor.stage.close());
  const offerOf = (index: number, token: string, version: string) => {
    const partNumber = floor.devices[index]?.partNumber ?? "";
    const image = imageOf(version, partNumber);
    const imagePath = join(folder, `${partNumber}-${version}`);
    writeFileSync(imagePath, image);
    return bench.offer({ token, mac: macAt(index), partNumbers: [partNumber], imagePath, sizeBytes: image.length });
  };
  const wave = Array.from({ length: 20 }, (_, i) => i * 7);
  const standing = Array.from({ length: 20 }, (_, i) => i * 7 + 1);
  for (const index of wave) bench.endpoint.offer(offerOf(index, `attempt-${index}`, NEWER));
  for (const index of standing) bench.endpoint.stand(macAt(index), offerOf(index, `standing-${index}`, CURRENT));
  const got = await floor.boot(bench.endpoint.url);
  for (const [index, { mac }] of floor.devices.entries()) {
    const files = got.get(mac) ?? [];
    const images = files.flatMap(({ path, bytes }) =>
      path.endsWith(".sip.ld") ? [[path.split("/")[1], /"version":"([^"]*)"/.exec(bytes.toString("latin1"))?.[1]]] : [],
    );
    const wanted = wave.includes(index)
      ? [
          [`attempt-${index}`, NEWER],
          [`attempt-${index}`, NEWER],
        ]
      : standing.includes(index)
        ? [[`standing-${index}`, CURRENT]]
        : [];
    expect(images).toEqual(wanted);
    const statuses = new Set(files.map(({ method, status }) => `${method} ${status}`));
    expect([...statuses].toSorted()).toEqual(["GET 200", "GET 404", "HEAD 404", "PUT 201"]);
  }
  expect(floor.devices.filter(({ running }) => running === NEWER).map(({ mac }) => mac)).toEqual(wave.map(macAt));
  expect(bench.events.filter(({ kind }) => kind === "bug" || kind === "refused")).toEqual([]);
});
