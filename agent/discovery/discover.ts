/**
 * Discovery as one job: sweep the networks, ask the switches, take every sighting into the inventory.
 */

export function createDiscovery(io            )            {
  let running                                      ;
  let progress                               ;
  const report = (next                   )       => {
    progress = next;
    io.onProgress(next);
  };

  const pass = async (networks                   , signal             )                           => {
    const swept = await io.field.ask(
      "sweep",
      { runId: io.newRunId(), networks, exclude: io.exclude, ratePerSecond: io.ratePerSecond, seed: io.seed() },
      signal,
    );
    const switches = [...new Set([...io.switches, ...io.knownSwitches()])];
    const faults                                     = [];
    let neighbours = 0;
    for (const address of switches) {
      report({ phase: "switches", asked: swept.asked, total: swept.asked, found: swept.answered });
      const known = await io.field.ask("neighbours", { address }, signal);
      if (!known.ok) faults.push({ switch: address, fault: known.fault });
      else for (const sighting of known.value) if (io.inventory.note(sighting) !== undefined) neighbours++;
    }
    report({ phase: "done", asked: swept.asked, total: swept.asked, found: swept.answered });
    io.log.info("discovery ended", { asked: swept.asked, answered: swept.answered, switches: switches.length, neighbours });
    return { ...swept, switches: switches.length, neighbours, faults };
  };

  return {
    get progress() {
      return progress;
    },
    async run(networks, signal) {
      if (running !== undefined && networks === undefined) return running;
      const job = pass(networks ?? io.networks, signal).finally(() => {
        if (running === job) running = undefined;
      });
      running = job;
      return job;
    },
    onEvent(event) {
      switch (event.kind) {
        case "sweepProgress":
          report({ phase: "sweep", asked: event.asked, total: event.total, found: event.found });
          return;
        case "sighting": {
          io.inventory.note(event.sighting);
          if (event.read !== undefined && event.sighting.address !== undefined) {
            io.inventory.noteRead(event.read, { address: event.sighting.address, atMs: event.sighting.atMs });
          }
        }
      }
    },
  };
}

