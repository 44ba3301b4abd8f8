/** What the web server of the bench and those who ask it agree on. */

/** Devices, each an address of its own. */
export const DEVICES = 400;
/** Asked at the same time. */
export const LANES = 50;
/** Asks of one device in a row over one connection. */
export const KEPT_ASKS = 20;
export const PATH = "/api/v1/mgmt/device/info";

export const addressOf = (index: number): string => `127.79.${Math.floor(index / 250)}.${(index % 250) + 1}`;

/** About what a phone says of itself. */
export const BODY = JSON.stringify({
  data: {
    ModelNumber: "Edge E350",
    FirmwareRelease: "8.5.0.1107",
    DeviceType: "hardwareEndpoint",
    DeviceVendor: "Poly",
    UpTimeSinceLastReboot: "3 Days 4:05:06",
    IPV4Address: "192.0.2.10",
    IPV6Address: "::",
    MACAddress: "482567aabbcc",
    AttachedHardware: { EM: [] },
  },
  Status: "2000",
});
