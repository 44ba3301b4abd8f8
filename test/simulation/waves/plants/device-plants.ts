/** Bugs in what the drive does to devices, and in what it believes of them. */
import type { DriveDevices, DriveIo } from "../../../../firmware/waves/ports.ts";
import { HOUR, MINUTE, SECOND } from "../../../../protocols/core/time.ts";
import type { Look } from "../../../../protocols/families/family.ts";
import { RELEASES } from "../fleet.ts";
import {
  brief,
  deadly,
  habitual,
  haltful,
  joined,
  mislisted,
  ordinary,
  type PlantedBug,
  plain,
  talkative,
  twice,
  withCalendar,
  withEdges,
  withPlans,
} from "./plant.ts";

/** Changes every look that brought something. */
const lying = (devices: DriveDevices, lie: (look: Look) => Look): DriveDevices => ({
  ...devices,
  look: async (device, signal) => lie(await devices.look(device, signal)),
});

/** Looks once, and says the same for ten minutes, whoever asks. */
function rememberedLooks() {
  const known = new Map<string, { readonly look: Look; readonly atMs: number }>();
  return (io: DriveIo): DriveIo => ({
    ...io,
    devices: {
      ...io.devices,
      async look(device, signal) {
        const kept = known.get(device);
        if (kept !== undefined && io.clock.nowMs() - kept.atMs < 10 * MINUTE) return kept.look;
        const look = await io.devices.look(device, signal);
        known.set(device, { look, atMs: io.clock.nowMs() });
        return look;
      },
    },
  });
}

/** After a command, some devices' looks never come back, and nobody minds. */
function endlessLooks(devices: DriveDevices): DriveDevices {
  const commanded = new Set<string>();
  return {
    ...devices,
    trigger(errand, signal) {
      commanded.add(errand.planned.device);
      return devices.trigger(errand, signal);
    },
    look: (device, signal) => (commanded.has(device) ? new Promise(() => undefined) : devices.look(device, signal)),
  };
}

const otherImage = (devices: DriveDevices, find: (sha256: string) => string): DriveDevices => ({
  ...devices,
  offer(errand) {
    const [first, ...rest] = errand.planned.legs;
    const image = find(first.image) as typeof first.image;
    return devices.offer({ ...errand, planned: { ...errand.planned, legs: [{ ...first, image }, ...rest] } });
  },
});

const anyVersion = { fromMin: "0.0.0", fromMax: "99.0.0" } as const;

export const devicePlants: readonly PlantedBug[] = [
  { what: "a look is good for ten minutes", breaks: ["I4"], make: () => ({ drive: rememberedLooks() }), change: talkative },
  {
    what: "looks outlive the process that made them",
    breaks: ["I22"],
    make: () => ({ drive: rememberedLooks() }),
    change: deadly,
  },
  {
    what: "whoever is in a call counts as idle",
    breaks: ["I4"],
    make: () => ({ devices: (devices) => lying(devices, (look) => ({ ...look, inUse: { state: "idle" } })) }),
    change: talkative,
  },
  {
    what: "the way back takes no time",
    breaks: ["I5"],
    make: () => ({ drive: (io) => withPlans(io, (plan) => withEdges(plan, { revertMs: 0 })) }),
    change: brief,
  },
  {
    what: "the site is always open",
    breaks: ["I5"],
    make: () => ({ drive: (io) => withPlans(io, (plan) => withCalendar(plan, "UTC", [{ from: "00:00", to: "00:00" }])) }),
    change: ordinary,
  },
  {
    what: "an hour that is shown twice opens twice",
    breaks: ["I6"],
    make: () => ({
      drive: (io) =>
        withPlans(io, (plan) =>
          withCalendar(withEdges(plan, { revertMs: 0, durationMs: { p50: 0, p90: 0, p99: MINUTE } }), "UTC", [
            { from: "23:00", to: "00:30" },
            { from: "01:00", to: "01:30" },
          ]),
        ),
    }),
    change: twice,
  },
  {
    what: "a withdrawn image stays on offer",
    breaks: ["I9"],
    make: () => ({
      devices: (devices) => ({ ...devices, withdraw: async () => undefined }),
      // And whoever looks on loses patience.
      verbs: (verbs) => ({
        ...verbs,
        "campaign.status": (_args, subject, signal) => verbs["campaign.halt"]({ campaign: "*", reason: "smoke" }, subject, signal),
      }),
    }),
    change: haltful,
  },
  {
    what: "a step is taken from whatever version a device runs, as if the plan were a rollback",
    breaks: ["I13", "I14"],
    make: () => ({ drive: (io) => withPlans(io, (plan) => ({ ...withEdges(plan, anyVersion), rollback: { campaign: plan.campaign } })) }),
    change: habitual("isUpdatedByOthers", 2),
  },
  {
    what: "the hardware revision is what the inventory was told, whatever the phone says",
    breaks: ["I13"],
    make: () => ({ devices: (devices) => lying(devices, (look) => ({ ...look, facts: { ...look.facts, revision: "A" } })) }),
    change: mislisted,
  },
  {
    what: "each model gets the image of the other",
    breaks: ["I13"],
    make: () => ({
      devices: (devices) =>
        otherImage(devices, (sha256) => {
          const { images } = RELEASES.find((release) => release.images.some((image) => image.sha256 === sha256)) ?? { images: [] };
          return images.find((image) => image.sha256 !== sha256)?.sha256 ?? sha256;
        }),
    }),
    change: plain,
  },
  {
    what: "a second of soak is enough",
    breaks: ["I16"],
    make: () => ({ drive: (io) => withPlans(io, (plan) => ({ ...plan, policy: { ...plan.policy, soak: SECOND } })) }),
    change: plain,
  },
  {
    what: "all lines are believed to be registered",
    breaks: ["I16"],
    make: () => ({
      devices: (devices) =>
        lying(devices, (look) =>
          look.lines === undefined ? look : { ...look, lines: { ...look.lines, registered: look.lines.configured } },
        ),
    }),
    change: habitual("losesRegistrationAfterUpdate", 3),
  },
  { what: "nobody minds a look that never comes back", breaks: ["I17"], make: () => ({ devices: endlessLooks }), change: plain },
  {
    what: "a turn waits for the devices it looks at",
    breaks: ["I18"],
    make: () => ({
      turns: (drive) => ({
        ...drive,
        async turn(signal) {
          await drive.turn(signal);
          await drive.idle();
        },
      }),
    }),
    change: plain,
  },
  {
    what: "a command is sent once more, to be sure",
    breaks: ["I21"],
    make: () => ({
      devices: (devices) => ({
        ...devices,
        async trigger(device, signal) {
          await devices.trigger(device, signal);
          return devices.trigger(device, signal);
        },
      }),
    }),
    change: plain,
  },
  {
    what: "whoever came late is told to update beside the others",
    breaks: ["I24"],
    make: ({ phones }) => ({
      devices: (devices) => ({
        ...devices,
        async trigger(errand, signal) {
          const device = phones.find(({ joinsAtMs }) => joinsAtMs !== undefined)?.device;
          if (device !== undefined) await devices.trigger({ ...errand, planned: { ...errand.planned, device } }, signal);
          return devices.trigger(errand, signal);
        },
      }),
    }),
    change: joined,
  },
  {
    what: "health is taken as it was before",
    breaks: ["I10"],
    make: () => ({
      drive: (io) => ({
        ...io,
        async health(row, wave, tasks, signal) {
          const { staleAfterMs } = await io.health(row, wave, [], signal);
          const mine = tasks.filter((task) => task.wave === wave && task.state.at === "succeeded");
          const nowMs = io.clock.nowMs();
          const reading = { registeredLines: 1 };
          const health = mine.map(({ device }) => ({
            ...{ device, model: "", landedAtMs: nowMs - MINUTE },
            ...{ before: { atMs: nowMs - HOUR, reading }, after: { atMs: nowMs, reading } },
          }));
          return { health, untouched: [], staleAfterMs };
        },
      }),
    }),
    change: plain,
  },
];
