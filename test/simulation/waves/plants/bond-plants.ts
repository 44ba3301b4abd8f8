/** Bugs in what devices share besides a place. */
import type { CampaignTables } from "../../../../agent/campaigns/drive-store.ts";
import type { Plan } from "../../../../firmware/waves/shape.ts";
import { seededRandom } from "../../../../protocols/core/random.ts";
import { type Bonds, bondsAmong, owned, panelsFor } from "../bonds.ts";
import type { Story } from "../draw.ts";
import { placeName } from "../fleet.ts";
import { crowded, keptAs, type PlantedBug, plain } from "./plant.ts";

/** With bonds of its own, whatever the seed drew; nobody comes late. */
const bonded =
  (bonds: Partial<Bonds> | ((story: Story) => Partial<Bonds>), from: (story: Story) => Story = plain) =>
  (story: Story): Story => {
    const base = from(story);
    const phones = base.phones.map(({ joinsAtMs: _, ...phone }) => phone);
    const changed = { ...base, phones };
    const given = typeof bonds === "function" ? bonds(changed) : bonds;
    return { ...changed, bonds: { ...bondsAmong(phones, seededRandom(story.seed)), ...given } };
  };

/** Each with the one that is half the site away: in another room more often than not. */
const acrossRooms = ({ phones }: Story): Partial<Bonds> => {
  const half = phones.length >> 1;
  return { couples: phones.slice(0, half).map(({ number }, at) => [number, phones[at + half]?.number ?? number]), panels: [] };
};

const inRows = ({ phones }: Story): Partial<Bonds> => {
  const half = phones.length >> 1;
  const ports = phones.slice(0, half).map(({ number }, at) => [number, phones[at + half]?.number ?? number]);
  return { couples: [], switches: [{ address: "127.2.0.1", ports }] };
};

/** One group with all of the site in it, of which one may go. */
const guarded = ({ phones }: Story): Partial<Bonds> => ({
  ...{ couples: [], panels: [], limits: {} },
  groups: [{ kind: "group", name: "all", members: phones.map(({ number }) => placeName(number)), minUp: phones.length - 1 }],
});

/** One switch with all phones on it, which belongs to the first of them. */
const hanging = ({ phones }: Story): Partial<Bonds> => ({
  ...{ couples: [], panels: [], groups: [], limits: {} },
  switches: owned([{ address: "127.2.0.1", ports: phones.map(({ number }) => [number]) }], phones),
});

/** Nobody knows what hangs on what: not in the order of waves, and not where a slot is taken. */
const parentless = (plan: Plan): Plan => {
  const [first] = plan.waves;
  const domains = plan.domains.map(({ parent: _, ...domain }) => domain);
  return first === undefined ? plan : { ...plan, domains, waves: [{ ...first, tasks: plan.tasks.map(({ id }) => id) }] };
};

const withoutDomains =
  (...kinds: readonly Plan["domains"][number]["kind"][]) =>
  (plan: Plan): Plan => ({ ...plan, domains: plan.domains.filter(({ kind }) => !kinds.includes(kind)) });

/** Only the device itself takes a slot. */
const alone = (tables: CampaignTables): CampaignTables => ({
  ...tables,
  reservations: { ...tables.reservations, take: (wanted) => wanted.token.includes(" ") || tables.reservations.take(wanted) },
});

export const bondPlants: readonly PlantedBug[] = [
  {
    what: "nobody asks how many a person said must stay up",
    breaks: ["I1"],
    make: () => ({ store: (store) => keptAs(store, withoutDomains("group")) }),
    change: bonded(guarded, (story) => ({ ...plain(story), policy: { ...plain(story).policy, atRiskMax: 12 } })),
  },
  {
    what: "phones in a row on one port go together",
    breaks: ["I2"],
    make: () => ({ store: (store) => keptAs(store, withoutDomains("port")) }),
    change: bonded(inRows),
  },
  {
    what: "what is coupled with a device does not count in its room",
    breaks: ["I2"],
    make: () => ({ store: (store) => keptAs(store, (plan) => ({ ...plan, units: [] })) }),
    change: bonded(acrossRooms, crowded),
  },
  {
    what: "a switch goes down under phones that are being updated",
    breaks: ["I1"],
    make: () => ({ store: (store) => keptAs(store, parentless) }),
    change: bonded(hanging),
  },
  {
    what: "networks and switches have no limit of their own",
    breaks: ["I7"],
    make: () => ({ store: (store) => keptAs(store, withoutDomains("subnet", "switch")) }),
    change: bonded({ couples: [], panels: [], groups: [], subnets: 1, limits: { subnetAtRiskMax: 1, switchAtRiskMax: 1 } }),
  },
  {
    what: "what goes along with a device takes no slot",
    breaks: ["I23"],
    make: () => ({ tables: alone }),
    change: bonded(({ phones }) => ({ couples: [], panels: panelsFor(phones, phones, seededRandom(1)), groups: [], limits: {} })),
  },
];
