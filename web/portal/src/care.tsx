// How the channel does, in words, and who may lay hands on it: health with advice, remedies, the hands-off switch.
import { useState } from "preact/hooks";
import * as api from "./api";
import { usePoll } from "./poll";
import type { Health, Platform, Reading, Verdict } from "./types";
import { clock, healthLines, isHandsOff, metricName, valueInWords } from "./words";

/** CloudWatch has a new value every minute; each look is a call that costs. */
const EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;
const SIGNS: Record<Verdict, string> = { off: "–", ok: "✓", unknown: "?", warning: "!", critical: "✕" };

export function HealthCard({ id }: { id: string }) {
  const { value, error } = usePoll(() => api.health(id), EVERY_MS, id);
  return (
    <section class="panel">
      <h2>Health</h2>
      {!value && <p class="quiet" role="status">{error ? error.message : "Asking CloudWatch…"}</p>}
      {value && <Lines health={value} />}
    </section>
  );
}

function Lines({ health }: { health: Health }) {
  const { wrong, well } = healthLines(health);
  return (
    <>
      <p class={`verdict ${health.verdict}`} role="status"><i aria-hidden="true">{SIGNS[health.verdict]}</i> {health.summary}</p>
      {wrong.length > 0 && <Readings readings={wrong} />}
      {well.length > 0 && <details><summary>{well.length === 1 ? "1 more measurement" : `${well.length} more measurements`}</summary><Readings readings={well} /></details>}
    </>
  );
}

function Readings({ readings }: { readings: Reading[] }) {
  return (
    <ul class="readings">
      {readings.map((reading) => (
        <li class={reading.verdict}>
          <i aria-hidden="true">{SIGNS[reading.verdict]}</i>
          <span>
            <span class="line">
              <span><b>{metricName(reading)}</b><span class="unseen">: {reading.verdict}</span></span>
              {reading.value !== undefined && <span class="number">{valueInWords(reading)}</span>}
            </span>
            <span class="hint">{reading.text}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

const MODES = {
  act: "Repairs are made without a hand: stuck pipelines are restarted, a lost input gives way to the next.",
  "dry-run": "What would be repaired is only written on the timeline.",
  off: "Nothing is done about alarms.",
} as const;

/** Who repairs: the control plane, or the people at work on it. */
export function CareCard({ platform, etag, done }: { platform: Platform; etag: string; done: () => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  const { remediation, handsOff } = platform.spec;
  const off = isHandsOff(platform, Date.now());
  const send = async (change: unknown): Promise<void> => {
    setFailure(null);
    await api.patch(platform.id, etag, change).catch((error: Error) => setFailure(error.message));
    done();
  };
  const until = (hours: number): string => `${new Date(Date.now() + hours * HOUR_MS).toISOString().slice(0, 19)}Z`;
  return (
    <section class="panel">
      <h2>Repairs</h2>
      {off
        ? <p role="status">Hands off until {clock(handsOff!.until)}: nothing is done about alarms, whatever fires.</p>
        : <p role="status">{MODES[remediation.mode]}</p>}
      {failure && <p class="problem" role="alert">{failure}</p>}
      <div class="actions">
        {off && <button class="small" onClick={() => void send({ handsOff: null })}>End hands-off</button>}
        {!off && <button class="small" onClick={() => void send({ handsOff: { until: until(2) } })}>Hands off for 2 hours</button>}
        {!off && <button class="small" onClick={() => void send({ handsOff: { until: until(12) } })}>for 12 hours</button>}
      </div>
      <label class="field row">
        <span>When an alarm fires</span>
        <select value={remediation.mode} onChange={(event) => void send({ remediation: { mode: event.currentTarget.value } })}>
          <option value="act">repair</option>
          <option value="dry-run">say what would be done</option>
          <option value="off">do nothing</option>
        </select>
      </label>
    </section>
  );
}
