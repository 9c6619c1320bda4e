// What it costs: the meter of this month, the budget, and what an hour on air is made of.
import { useState } from "preact/hooks";
import * as api from "./api";
import { usePoll } from "./poll";
import type { Estimate, HourlyCost, Platform } from "./types";
import { dollars, duration } from "./words";

const ONCE_MS = 300_000;

export function BillCard({ platform }: { platform: Platform }) {
  const { meter, guardStop } = platform;
  const { guard } = platform.spec;
  return (
    <section class="panel bill">
      <h2>Cost</h2>
      <p class="sum"><b>{dollars(meter.usd)}</b> <span class="hint">in {meter.month}, for {duration(meter.runningSeconds * 1000)} on air{meter.verified ? "" : "; of the right order of magnitude, since not all prices are verified"}</span></p>
      {meter.budget && (
        <label class="bar">
          {meter.budget.percent} % of the budget of {dollars(meter.budget.usd)}{guard.onBudget === "stop" ? ", at which it is stopped" : ", at which you are warned"}
          <progress class={meter.budget.percent >= 100 ? "bad" : meter.budget.percent >= 80 ? "warn" : ""} value={Math.min(100, meter.budget.percent)} max={100} />
        </label>
      )}
      <p class="hint">{dollars(meter.usdPerHour)} an hour on air. {guard.idleStopMinutes > 0 ? `Stopped when no picture has come in for ${guard.idleStopMinutes} minutes.` : "Not stopped when no picture comes in."}</p>
      {guardStop && <p class="problem">Stopped by the guard: {guardStop.reason}</p>}
      <Details id={platform.id} />
    </section>
  );
}

function Details({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What it is made of</summary>
      {open && <Rows id={id} />}
    </details>
  );
}

function Rows({ id }: { id: string }) {
  const { value, error } = usePoll<Estimate>(() => api.estimate(id), ONCE_MS, id);
  if (!value) return <p class="quiet" role="status">{error ? error.message : "Adding up…"}</p>;
  return (
    <>
      <Hour title="An hour on air" cost={value.live} />
      <Hour title="An hour at rest" cost={value.idle} />
      <ul class="hint">{value.assumptions.map((text) => <li>{text}</li>)}</ul>
    </>
  );
}

function Hour({ title, cost }: { title: string; cost: HourlyCost }) {
  return (
    <table class="prices">
      <caption>{title}: {dollars(cost.usdPerHour)}</caption>
      <thead><tr><th scope="col">For</th><th scope="col">Dollars</th><th scope="col">Price from</th></tr></thead>
      <tbody>
        {cost.rows.map((row) => (
          <tr>
            <td>{row.for}<span class="hint">{row.service}, {row.what}</span></td>
            <td class="number">{dollars(row.usdPerHour)}</td>
            <td class="hint">{row.verified ? "verified" : "not verified"}, {row.date}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
