/**
 * What devices that were updated and stayed well prove. Pure. With n of them and none that failed, a failure rate above
 * x = 1 − 0.05^(1/n) is ruled out nineteen times of twenty: were it higher, one would have shown.
 */

/** How often the statement is wrong. */
const DOUBT = 0.05;

/** The failure rate that n clean devices rule out, in thousandths and rounded up; 1,000 where nothing is proven. */
export function ruledOutPerMille(clean: number): number {
  return clean <= 0 ? 1_000 : Math.ceil(1_000 * (1 - DOUBT ** (1 / clean)));
}

/** How many clean devices rule out a failure rate above this ratio. */
export function cleanNeeded(ratio: number): number {
  return Math.ceil(Math.log(DOUBT) / Math.log(1 - ratio));
}

/** `29 clean devices: a failure rate above 9.9 % is ruled out`. */
export function proofWords(clean: number): string {
  const percent = ruledOutPerMille(clean) / 10;
  return `${clean} clean ${clean === 1 ? "device" : "devices"}: a failure rate above ${percent} % is ruled out`;
}
