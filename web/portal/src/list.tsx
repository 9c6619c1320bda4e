// All platforms at a glance.
import { useState } from "preact/hooks";
import { describe, listPlatforms } from "./api";
import { eventLine, ownZone, sayOf } from "./events";
import { Banner, Chip, Link } from "./parts";
import { useNow, usePoll } from "./poll";
import type { Platform, Summary } from "./types";
import { alarmCount, conditionName, duration, onAirInput, reasonInWords, stateOf } from "./words";

const EVERY_MS = 4000;
/** The list has no conditions, so each platform is read too: so many at once, and no more than so many. */
const TOGETHER = 4;
const READ = 24;

interface Row { summary: Summary; platform: Platform | null }
interface Overview { rows: Row[]; cursor: string | undefined }

async function overview(pages: number): Promise<Overview> {
  const summaries: Summary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const got = await listPlatforms(cursor);
    summaries.push(...got.platforms);
    cursor = got.cursor;
    if (!cursor) break;
  }
  const open = summaries.filter((summary) => summary.phase !== "Gone").slice(0, READ);
  const read = new Map<string, Platform>();
  for (let first = 0; first < open.length; first += TOGETHER) {
    const some = await Promise.all(open.slice(first, first + TOGETHER).map((summary) => describe(summary.id)));
    for (const { platform } of some) read.set(platform.id, platform);
  }
  return { rows: summaries.map((summary) => ({ summary: read.get(summary.id) ?? summary, platform: read.get(summary.id) ?? null })), cursor };
}

export function ListPage() {
  const [pages, setPages] = useState(1);
  const [gone, setGone] = useState(false);
  const { value, error, lost } = usePoll(() => overview(pages), EVERY_MS, `list ${pages}`);
  const rows = value?.rows.filter((row) => gone === (row.summary.phase === "Gone")) ?? [];
  const removed = value?.rows.some((row) => row.summary.phase === "Gone") ?? false;
  return (
    <main>
      <div class="head">
        <h1>{gone ? "Removed platforms" : "Platforms"}</h1>
        <nav class="row" aria-label="Account">
          <Link to="/account/webhooks" class="button plain">Webhooks</Link>
          <Link to="/account/orphans" class="button plain">Orphans</Link>
          <Link to="/new" class="button primary">New platform</Link>
        </nav>
      </div>
      <Banner lost={lost} error={error} />
      {!value && !error && <p class="quiet" role="status">Loading…</p>}
      {value && rows.length === 0 && !gone && <Empty />}
      {rows.length > 0 && <ul class="cards">{rows.map((row) => <li key={row.summary.id}><Card {...row} /></li>)}</ul>}
      {value && (
        <p class="row">
          {value.cursor && <button onClick={() => setPages(pages + 1)}>More</button>}
          {(removed || gone) && <button class="plain" onClick={() => setGone(!gone)}>{gone ? "Back to platforms" : "Show removed"}</button>}
        </p>
      )}
    </main>
  );
}

function Empty() {
  return (
    <section class="panel center empty">
      <h2>No platforms yet</h2>
      <p>A platform is everything one live channel needs: an address to push to, an encoder, a packager, a CDN and a recording.</p>
      <Link to="/new" class="button primary">Create your first platform</Link>
    </section>
  );
}

function Card({ summary, platform }: Row) {
  const now = useNow();
  const state = stateOf(summary.phase, platform?.conditions);
  const input = platform && onAirInput(platform);
  const alarms = platform ? alarmCount(platform) : 0;
  const since = platform?.liveSince && platform.phase === "Live" ? duration(now - Date.parse(platform.liveSince)) : null;
  const trouble = platform?.conditions.find((condition) => condition.status === "broken" && condition.name !== "Alarms");
  const event = platform && eventLine(platform, state.tone === "live" || state.word === "Degraded", now, ownZone());
  return (
    <article class={`card ${state.tone}`}>
      <Chip state={state} />
      <h2><Link to={`/p/${summary.id}`}>{summary.name}</Link></h2>
      <p class="say">{platform?.failures ? platform.failures[0]!.cure : trouble?.reason ? `${conditionName(trouble.name)}: ${reasonInWords(trouble.reason)}` : (platform?.progress.waitingOn[0] ?? (platform ? sayOf(platform, state.say) : state.say))}</p>
      {event && <p class="event">{event.say}{event.until !== null && event.until > now && <span> · in {duration(event.until - now)}</span>}</p>}
      {platform && summary.phase !== "Gone" && <Lamps platform={platform} />}
      <dl>
        <div><dt>Running</dt><dd>{since ?? "–"}</dd></div>
        <div><dt>Input</dt><dd>{input ?? "–"}</dd></div>
        <div><dt>Alarms</dt><dd class={alarms ? "alarm" : ""}>{alarms || "none"}</dd></div>
      </dl>
    </article>
  );
}

function Lamps({ platform }: { platform: Platform }) {
  const shown = platform.conditions.filter((condition) => condition.name !== "Alarms");
  return (
    <ul class="lamps" aria-label="Conditions">
      {shown.map(({ name, status }) => (
        <li class={status}><i aria-hidden="true" />{conditionName(name)}<span class="unseen">: {status === "ok" ? "fine" : status === "broken" ? "broken" : "not yet"}</span></li>
      ))}
    </ul>
  );
}
