// One platform: its state in big words, and everything that can be done about it.
import { useState } from "preact/hooks";
import * as api from "./api";
import { BillCard } from "./bill";
import { CalendarCard } from "./calendar";
import { CareCard, HealthCard } from "./care";
import { eventLine, ownZone, sayOf } from "./events";
import { Facts } from "./facts";
import { IngestPanel } from "./ingest";
import { Banner, Dialog, Field, Link, Value } from "./parts";
import { useNow, usePoll } from "./poll";
import { Settings } from "./settings";
import type { Platform } from "./types";
import { alarmCount, conditionName, duration, onAirInput, reasonInWords, slotInWords, stateOf } from "./words";

const MOVING_MS = 2000;
const RESTING_MS = 4000;
const moves = (platform: Platform | undefined): boolean =>
  platform !== undefined && (["Provisioning", "Starting", "Stopping", "TearingDown"].includes(platform.phase) || stateOf(platform.phase, platform.conditions).tone === "warn");

export function PlatformPage({ id }: { id: string }) {
  const [moving, setMoving] = useState(true);
  const { value, error, lost, refresh } = usePoll(async () => {
    const seen = await api.describe(id);
    setMoving(moves(seen.platform));
    return seen;
  }, moving ? MOVING_MS : RESTING_MS, id);
  const [failure, setFailure] = useState<Error | null>(null);
  const act = async (ask: (id: string) => Promise<Platform>): Promise<void> => {
    setFailure(null);
    await ask(id).catch((problem: Error) => setFailure(problem));
    refresh();
  };
  if (!value) {
    return <main><p class="crumbs"><Link to="/">Platforms</Link></p><Banner lost={lost} error={error} />{!error && <p class="quiet" role="status">Loading…</p>}</main>;
  }
  const { platform, etag } = value;
  const there = platform.phase !== "Gone" && platform.phase !== "TearingDown";
  return (
    <main>
      <p class="crumbs"><Link to="/">Platforms</Link></p>
      <Banner lost={lost} error={error} />
      {failure && <p class="banner bad" role="alert">{failure.message}</p>}
      <StatePanel platform={platform} act={act} />
      <Failures platform={platform} />
      <div class={there ? "columns" : ""}>
        <div>
          {there && <Preview platform={platform} />}
          {platform.phase === "Live" && <HealthCard id={platform.id} />}
          {there && <IngestPanel platform={platform} />}
          {there && <CareCard platform={platform} etag={etag} done={refresh} />}
          {there && <BillCard platform={platform} />}
          {there && <Settings platform={platform} etag={etag} done={refresh} />}
        </div>
        <div>
          <Progress platform={platform} />
          {there && <CalendarCard platform={platform} changed={refresh} />}
          {there && <Watch platform={platform} />}
        </div>
      </div>
      <Facts platform={platform} />
    </main>
  );
}

type Act = (ask: (id: string) => Promise<Platform>) => Promise<void>;

function StatePanel({ platform, act }: { platform: Platform; act: Act }) {
  const now = useNow();
  const state = stateOf(platform.phase, platform.conditions);
  const running = platform.phase === "Live" && platform.liveSince ? duration(now - Date.parse(platform.liveSince)) : null;
  const alarms = alarmCount(platform);
  const event = eventLine(platform, state.tone === "live" || state.word === "Degraded", now, ownZone());
  return (
    <section class={`state ${state.tone}`}>
      <div>
        <h1>{platform.name}</h1>
        <p class="big" role="status"><i aria-hidden="true" />{state.word}</p>
        {event && (
          <p class="event">
            <span role="status">{event.say}</span>
            {event.until !== null && event.until > now && <span class="left"> in {duration(event.until - now)}</span>}
          </p>
        )}
        <p class="say">{sayOf(platform, state.say)}</p>
        <p class="facts">
          {running && <span>Running {running}</span>}
          {onAirInput(platform) && <span>Input {onAirInput(platform)}</span>}
          {alarms > 0 && <span class="alarm">{alarms === 1 ? "1 alarm" : `${alarms} alarms`}</span>}
          <span>Last request by {platform.intent.by}</span>
        </p>
      </div>
      <Actions platform={platform} act={act} />
    </section>
  );
}

function Actions({ platform, act }: { platform: Platform; act: Act }) {
  const [asking, setAsking] = useState<"stop" | "delete" | null>(null);
  const [busy, setBusy] = useState(false);
  const { phase, intent } = platform;
  if (phase === "Gone" || intent.want === "Gone") return null;
  // Only the event holds the channel; a start during it outlives it.
  const forEvent = platform.onAirEvent !== undefined && intent.by.startsWith("planned event ");
  const run = async (ask: (id: string) => Promise<Platform>): Promise<void> => {
    setAsking(null);
    setBusy(true);
    await act(ask);
    setBusy(false);
  };
  return (
    <div class="actions">
      {phase === "Failed" && <button class="primary" disabled={busy} onClick={() => void run(api.retry)}>Try again</button>}
      {intent.want === "Live"
        ? <button class={phase === "Failed" ? "" : "primary stop"} disabled={busy} onClick={() => setAsking("stop")}>Stop</button>
        : <button class="primary" disabled={busy} onClick={() => void run(api.start)}>Start</button>}
      {forEvent && <button disabled={busy} onClick={() => void run(api.start)}>Stay on after it</button>}
      <button disabled={busy} onClick={() => setAsking("delete")}>Delete…</button>
      <Dialog title="Go off air?" open={asking === "stop"} close={() => setAsking(null)}>
        <p>Viewers of “{platform.name}” will see the end of the stream.</p>
        {platform.onAirEvent && <p>This ends “{platform.onAirEvent.title}” this time only. Later events begin as planned.</p>}
        <div class="actions">
          <button class="danger" onClick={() => void run(api.stop)}>Go off air</button>
          <button onClick={() => setAsking(null)}>Stay on air</button>
        </div>
      </Dialog>
      <Dialog title="Delete this platform?" open={asking === "delete"} close={() => setAsking(null)}>
        <Confirm platform={platform} yes={() => void run(api.remove)} no={() => setAsking(null)} />
      </Dialog>
    </div>
  );
}

function Confirm({ platform, yes, no }: { platform: Platform; yes: () => void; no: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (typed === platform.name) yes(); }}>
      <p>It goes off air, and everything that was made for it in AWS is removed: addresses, encoder, CDN, alarms. Recordings stay. There is no way back.</p>
      <Field label={`Type its name to confirm: ${platform.name}`}>
        {(props) => <input {...props} name="confirm" autoComplete="off" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}
      </Field>
      <div class="actions">
        <button class="danger" disabled={typed !== platform.name}>Delete</button>
        <button type="button" onClick={no}>Keep it</button>
      </div>
    </form>
  );
}

function Failures({ platform }: { platform: Platform }) {
  if (!platform.failures) return null;
  return (
    <section class="panel wrong">
      <h2>What has to be fixed</h2>
      {platform.failures.map((failure) => (
        <article>
          <h3>{slotInWords(failure.slot)}</h3>
          <p>{failure.cure}</p>
          <p class="hint">AWS says: {failure.code}: {failure.message}</p>
        </article>
      ))}
    </section>
  );
}

const SIGNS = { ok: "✓", "not-yet": "…", broken: "!" } as const;
const SAID = { ok: "fine", "not-yet": "not yet", broken: "broken" } as const;

function Progress({ platform }: { platform: Platform }) {
  const { done, total, waitingOn } = platform.progress;
  const removing = platform.phase === "TearingDown";
  const gone = platform.phase === "Gone";
  // What is taken away passes through conditions that say nothing to people.
  const steps = removing || gone ? [] : platform.conditions;
  return (
    <section class="panel">
      <h2>{removing || gone ? "Removal" : "Step by step"}</h2>
      {!gone && done < total && <label class="bar">{removing ? `${done} of ${total} removed` : `${done} of ${total} parts are there`}<progress value={done} max={total} /></label>}
      {waitingOn.length > 0 && <ul class="waiting">{waitingOn.map((text) => <li>{text}</li>)}</ul>}
      {steps.length > 0 && (
        <ol class="steps">
          {steps.map(({ name, status, reason }) => (
            <li class={status}>
              <i aria-hidden="true">{SIGNS[status]}</i>
              <span><b>{conditionName(name)}</b><span class="unseen">: {SAID[status]}</span>{reason && <span class="hint">{reasonInWords(reason)}</span>}</span>
            </li>
          ))}
        </ol>
      )}
      {removing && platform.resources.length > 0 && <p>Still there: {platform.resources.map(({ slot }) => slotInWords(slot)).join(", ")}.</p>}
      {gone && <p>Everything is removed. Recordings stay in the archive bucket.</p>}
    </section>
  );
}

const playerOf = (platform: Platform): string => `${location.origin}/player/${platform.id}`;

function Preview({ platform }: { platform: Platform }) {
  return (
    <section class="panel preview">
      <h2>Preview</h2>
      {platform.phase === "Live"
        ? <iframe src={`/player/${platform.id}?embed=1`} title={`Preview of ${platform.name}`} allow="autoplay; fullscreen" allowFullScreen />
        : <p class="screen">{platform.phase === "Starting" ? "The picture comes when the encoder runs" : "Nothing is on air"}</p>}
    </section>
  );
}

function Watch({ platform }: { platform: Platform }) {
  const page = playerOf(platform);
  const title = platform.name.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const embed = `<iframe src="${page}?embed=1" title="${title}" width="640" height="360" allow="autoplay; fullscreen" allowfullscreen></iframe>`;
  return (
    <section class="panel">
      <h2>For viewers</h2>
      <Value label="Player page" value={page} />
      <Value label="Embed code" value={embed} />
      {platform.playback.map(({ format, url }) => <Value label={format.toUpperCase()} value={url} />)}
      <p class="row"><a href={page} target="_blank" rel="noopener">Open the player page</a></p>
    </section>
  );
}

