/** Fisher's exact test, one-sided: is a share that large among these chance? Pure. */

const logs: number[] = [0, 0];

/** ln n!; kept, because the same small numbers are asked for again and again. */
function logFactorial(n: number): number {
  for (let next = logs.length; next <= n; next++) logs.push((logs[next - 1] ?? 0) + Math.log(next));
  return logs[n] ?? 0;
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/**
 * The chance that at least `hit` of `drawn` are bad, where `bad` of all `total` are, and who is drawn has nothing to do with it.
 * 0 ≤ hit ≤ drawn ≤ total, hit ≤ bad ≤ total.
 */
export function chanceOf({ hit, drawn, bad, total }: { hit: number; drawn: number; bad: number; total: number }): number {
  const all = logChoose(total, drawn);
  let chance = 0;
  for (let k = hit; k <= Math.min(drawn, bad); k++) {
    if (drawn - k > total - bad) continue;
    chance += Math.exp(logChoose(bad, k) + logChoose(total - bad, drawn - k) - all);
  }
  return Math.min(1, chance);
}
