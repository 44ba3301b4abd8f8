/**
 * What can be known of a device, and how we came to know it.
 */

/** Who else manages a device's software or settings; a device managed by anybody but `none` is not ours to update. */

/** Version numbers a device states. Application and Updater are different numbers and never compared with each other. */

/** Facts that identify a device. An absent field is unknown. */

/** Is somebody using it? `unknown` counts as busy until a person or policy decides. */

/** One thing learnt, by which way, when. `what` is for people and holds no secret. */

/** A part that is updated together with its device (a touch panel with its codec). */

/** Where a source stands when two disagree; higher wins, newer wins within a rank. */

/** One source saw one device once. */

/** TCP and UDP ports a device is asked on. */

export const STANDARD_PORTS              = { https: 443, http: 80, snmp: 161, ssh: 22, telnet: 24, sip: 5060 };

/** Everything one full read of a device gives. What could not be learnt is absent, and `faults` says why. */

//# sourceURL=file:///work/main/protocols/core/device.ts