import { expect, test } from "vitest";
import { NETWORK_RULES } from "../../../agent/health/rules-network.ts";
import { edges, every, reads, rule, type Shown, story, told } from "./rule-kit.ts";

const STORIES: Readonly<Record<string, readonly [bad: Shown, good: Shown, words: string]>> = {
  poePortsLost: [reads({ poePortsDelivering: 0 }), reads({ poePortsDelivering: 22 }), "gives power on 0 ports, usually on 22"],
  portsLost: [reads({ portsUp: 12 }), reads({ portsUp: 24 }), "12 ports up, usually 24"],
  neighboursLost: [reads({ neighbours: 0 }), reads({ neighbours: 9 }), "0 neighbours by LLDP and CDP, usually 9"],
  alertsActive: [reads({ activeAlerts: 2 }), reads({ activeAlerts: 0 }), "2 alerts active on the server"],
  endpointsInactive: [
    reads({ inactiveEndpoints: 60, registeredEndpoints: 100 }),
    reads({ inactiveEndpoints: 10, registeredEndpoints: 100 }),
    "60 % as many endpoints inactive as active",
  ],
  licencesShort: [
    reads({ licencesUsed: 97, licencesTotal: 100 }),
    reads({ licencesUsed: 80, licencesTotal: 100 }),
    "97 % of the licences are used",
  ],
  updatesFailing: [
    reads({ updatesFailedPerHour: 4 }),
    reads({ updatesFailedPerHour: 0 }),
    "4 updates by the Resource Manager failed within an hour",
  ],
  anotherUpdater: [
    reads({ updatesOthers: 1 }),
    reads({ updatesOthers: 0 }),
    "updates endpoints of this site by itself: agree with who runs it before a wave",
  ],
};

test.each(Object.entries(STORIES))(
  "%s: opens after its bad time in these words, and closes after its good time",
  (id, [bad, good, words]) => {
    expect(story(id, bad, good)).toEqual(told(id, words));
  },
);

test("NETWORK_RULES: each has its story here", () => {
  expect(NETWORK_RULES.map(({ id }) => id).sort()).toEqual(Object.keys(STORIES).sort());
});

test("poePortsLost: single phones that are unplugged are no condition", () => {
  const few = [...every(2, reads({ poePortsDelivering: 22 })), ...every(60, reads({ poePortsDelivering: 18 }), { from: 2 })];
  expect(edges([rule("poePortsLost")], few)).toEqual([]);
});

test("poePortsLost: after two weeks the lesser number is the usual one", () => {
  const hour = { stepMinutes: 60 };
  const seen = [
    ...every(24, reads({ poePortsDelivering: 22 }), hour),
    ...every(24 * 20, reads({ poePortsDelivering: 10 }), { from: 24 * 60, ...hour }),
  ];
  const [open, close] = edges([rule("poePortsLost")], seen);
  expect(open).toContain("open poePortsLost");
  const closedAfterDays = Number(/^close poePortsLost (\d+)$/.exec(close ?? "")?.[1]) / 60 / 24;
  expect(closedAfterDays).toBeGreaterThan(7);
  expect(closedAfterDays).toBeLessThan(15.1);
});

test("licencesShort: a server without licences of its own has no share of them", () => {
  expect(edges([rule("licencesShort")], every(200, reads({ licencesUsed: 5, licencesTotal: 0 })))).toEqual([]);
});
