/** The gates by name, in the order in which they are named when several speak against a wave. */
export const GATE_IDS = ["failureCount", "completion", "catalogueFresh", "calm", "health", "realUse", "person"] as const;
export type GateId = (typeof GATE_IDS)[number];

/** Without these nothing stops a wave that loses devices: they always decide. */
export const COUNTING_GATES = ["failureCount", "completion"] as const satisfies readonly GateId[];
/** Gates that may be tried out before they decide. */
export const TRIABLE_GATES = ["catalogueFresh", "calm", "health", "realUse", "person"] as const satisfies readonly GateId[];
