import { expect, test } from "vitest";
import { type TopologyShown, topologySchema, topologyText } from "../../../agent/cli/topology-view.ts";

const phone = (name: string, more: object = {}) => ({ device: `d-${name}`, name, coupledWith: [], seen: "then", gone: false, ...more });
const port = (name: string, devices: readonly object[], behind: readonly string[] = []) => ({ name, devices, behind });
const shown = (more: object): TopologyShown => topologySchema.parse({ switches: [], ...more });
const text = (of: TopologyShown): string => topologyText(of, () => "an hour ago");

test("topologyText(): switch, ports, one phone with a PC, two phones on one port, a coupled panel, one that is gone", () => {
  const tree = shown({
    switches: [
      {
        address: "10.20.9.1",
        device: "d-sw",
        name: "sw-1",
        ports: [
          port("Gi1/0/1", [phone("Desk 1", { model: "VVX 411", address: "10.20.0.1", poe: true })], ["3c:52:82:00:00:01"]),
          port("Gi1/0/2", [phone("Desk 2"), phone("Desk 3")]),
          port("Gi1/0/3", [phone("Matterhorn", { room: "Matterhorn", coupledWith: ["Matterhorn panel"] })]),
          port("Gi1/0/9", [phone("Desk 9", { gone: true })]),
        ],
      },
    ],
    unplugged: [{ device: "d-x", name: "Desk 10", model: "CCX 505" }],
  });
  expect(text(tree)).toBe(
    [
      "sw-1  10.20.9.1  4 ports",
      "├─ Gi1/0/1  Desk 1 · VVX 411 · 10.20.0.1 · PoE",
      "│  └─ 3c:52:82:00:00:01 behind it",
      "├─ Gi1/0/2",
      "│  ├─ Desk 2",
      "│  └─ Desk 3",
      "├─ Gi1/0/3  Matterhorn · room Matterhorn",
      "│  └─ coupled with Matterhorn panel",
      "└─ Gi1/0/9  Desk 9 · gone, last seen here an hour ago",
      "No port is known of 1 device:",
      "  Desk 10 · CCX 505",
    ].join("\n"),
  );
});

test("topologyText(): a switch stands below the port it hangs on; a ring is said", () => {
  const tree = shown({
    switches: [
      { address: "10.20.9.1", name: "sw-1", ports: [port("48", [phone("sw-2", { device: "d-2" })])] },
      {
        address: "10.20.9.2",
        name: "sw-2",
        device: "d-2",
        above: { address: "10.20.9.1", port: "48" },
        ports: [port("1", [phone("Desk 1")])],
      },
    ],
    rings: [["10.20.9.1", "10.20.9.2"]],
  });
  expect(text(tree)).toBe(
    [
      "sw-1  10.20.9.1  1 port",
      "└─ 48  sw-2  10.20.9.2  1 port",
      "   └─ 1  Desk 1",
      "These switches name each other in a ring, cut at the first: 10.20.9.1 → 10.20.9.2",
    ].join("\n"),
  );
});

test("topologyText(): of one device its port, power, room mates and what it is coupled with", () => {
  const about = {
    ...phone("Desk 1", { coupledWith: ["Panel"] }),
    roomMates: ["Desk 2"],
    switch: "10.20.9.1",
    port: "1",
    poeParent: "10.20.9.1",
  };
  expect(text(shown({ about }))).toMatch(
    /^Desk 1\n {2}switch port +10\.20\.9\.1 1\n {2}power from +10\.20\.9\.1\n {2}room mates +Desk 2\n {2}coupled with +Panel$/,
  );
  expect(text(shown({ about: { ...phone("Desk 1"), roomMates: [] } }))).toContain("not known");
});
