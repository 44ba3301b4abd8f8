/** The rows a story begins with: its devices and places, what the channel states, and the images that are here. */
import type { Ms } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { bondedRow, devicesOf, putPorts } from "./bonds.ts";
import { offeredAt } from "./channel.ts";
import type { Story } from "./draw.ts";
import { type DrawnPhone, placeName } from "./fleet.ts";
import { putImages } from "./stones.ts";

export function rowOf(drawn: DrawnPhone, story: Story, atMs: Ms) {
  const { device, mac, model, partNumber, running, lines, number, listedRevision } = drawn;
  return {
    ...{ id: device, mac, family: "uc-phone" as const, model, partNumber, running, updater: running, name: `Phone ${number}` },
    ...{
      address: `127.1.${number >> 8}.${number & 255}`,
      serial: `serial-${number}`,
      managedBy: "none" as const,
      availability: "online" as const,
    },
    ...(listedRevision === undefined ? {} : { revision: listedRevision }),
    lines: Array.from({ length: lines }, (_, at) => ({ address: `${number}-${at}@pbx.example`, registered: true })),
    ...{ inUse: { state: "idle" as const }, parts: [], firstSeenMs: atMs, lastSeenMs: atMs, adopted: true },
    ...bondedRow(drawn, story),
  };
}

export function fillStore(story: Story, store: Store): void {
  const { startMs } = story;
  store.transaction(() => {
    for (const drawn of devicesOf(story)) {
      const { mac, number, room, floor, zone, duties } = drawn;
      if (drawn.joinsAtMs === undefined) store.devices.save(rowOf(drawn, story, startMs));
      const place = { ...(room === undefined ? {} : { room }), floor, ...(zone === undefined ? {} : { zone }) };
      store.places.fromSettings({ mac, name: placeName(number), duties, ...place }, startMs);
    }
    putPorts(story, store);
    store.releases.saveCatalogue(offeredAt(story, startMs), startMs);
    putImages(story, store);
  });
}
