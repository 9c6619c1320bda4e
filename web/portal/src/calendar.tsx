// The planned events of a platform: what comes next, all of them, what became of them, and how to be rid of one.
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { atInWords, FATES, minutesInWords, momentInWords, ownSpan, ownZone, recurrenceInWords, spanInWords, wallClock, zoneInWords } from "./events";
import { Feed } from "./feed";
import { Dialog, Link } from "./parts";
import { useNow, usePoll } from "./poll";
import type { Occurrence, PlannedEvent, Platform } from "./types";
import { duration } from "./words";

const EVERY_MS = 10_000;
const PAST = 3;

export function CalendarCard({ platform, changed }: { platform: Platform; changed: () => void }) {
  const { id, onAirEvent, nextEvent } = platform;
  // Read again at once when another occurrence has the channel or comes next.
  const key = [id, onAirEvent?.occurrence, nextEvent?.event, nextEvent?.occurrence].join(" ");
  const { value, error, refresh } = usePoll(() => api.calendar(id), EVERY_MS, key);
  const [cancelling, setCancelling] = useState<PlannedEvent | null>(null);
  const [said, setSaid] = useState<{ words: string } | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const now = useNow();
  const next = value?.upcoming.find((occurrence) => Date.parse(occurrence.end) > now || occurrence.onAir);
  const done = (words: string): void => {
    setCancelling(null);
    setSaid({ words });
    refresh();
    changed();
  };
  // The button that was pressed may be gone with its event. After the dialog, which gives the focus back as it closes.
  useEffect(() => { if (said) heading.current?.focus(); }, [said]);
  return (
    <section class="panel calendar">
      <div class="head">
        <h2 ref={heading} tabIndex={-1}>Planned events</h2>
        <Link to={`/p/${id}/plan`} class="button small">Plan an event</Link>
      </div>
      <p class="hint" role="status">{said?.words}</p>
      {!value && error && <p class="problem">{error.message}</p>}
      {value?.events.length === 0 && <p class="quiet">None. Plan one, and the channel is on air in time and off again after it, without a hand on it.</p>}
      {next && <Next occurrence={next} now={now} />}
      {value && value.events.length > 0 && (
        <ul class="events">
          {inOrder(value.events).map((event) => <li key={event.id}><Event platform={id} event={event} now={now} cancel={() => setCancelling(event)} /></li>)}
        </ul>
      )}
      {value && <Feed platform={id} feed={value.feed} changed={refresh} />}
      <Dialog title={cancelling ? `Cancel “${cancelling.title}”?` : "Cancel"} open={cancelling !== null} close={() => setCancelling(null)}>
        {cancelling && <Cancel platform={id} event={cancelling} done={done} keep={() => setCancelling(null)} />}
      </Dialog>
    </section>
  );
}

/** The one that comes first stands first; those that are over stand last. */
function inOrder(events: PlannedEvent[]): PlannedEvent[] {
  const first = ({ upcoming }: PlannedEvent): number => (upcoming[0] ? Date.parse(upcoming[0].start) : Infinity);
  return [...events].sort((a, b) => first(a) - first(b) || 0);
}

function Next({ occurrence, now }: { occurrence: Occurrence; now: number }) {
  const [start, end] = [Date.parse(occurrence.start), Date.parse(occurrence.end)];
  const ahead = start > now;
  const left = ahead ? start - now : end - now;
  return (
    <div class={occurrence.onAir ? "next live" : "next"}>
      <p class="label">{!ahead ? (occurrence.onAir ? "Now" : "Should be on") : occurrence.onAir ? "Warming up for" : "Next"}</p>
      <p><b>{occurrence.title}</b> {spanInWords(occurrence.start, occurrence.end, ownZone(), now)}</p>
      <p class="countdown">{left <= 0 ? "over, on while there is a signal" : ahead ? `begins in ${duration(left)}` : `ends in ${duration(left)}`}</p>
      {ahead && !occurrence.onAir && <p class="hint">The channel is started {momentInWords(occurrence.onAirAt, ownZone(), now)}.</p>}
    </div>
  );
}

function Event({ platform, event, now, cancel }: { platform: string; event: PlannedEvent; now: number; cancel: () => void }) {
  const next = event.upcoming[0];
  const own = next && ownSpan(next.start, next.end, event.timeZone, ownZone(), now);
  return (
    <article>
      <h3>{event.title}{next?.onAir && <span class="tag">has the channel</span>}</h3>
      {next ? <p>{spanInWords(next.start, next.end, event.timeZone, now)} <span class="hint">{zoneInWords(event.timeZone)}</span></p> : <p class="hint">No occurrence lies ahead.</p>}
      {own && <p class="hint">{own} in your time, {zoneInWords(ownZone())}</p>}
      <p class="hint">
        {recurrenceInWords(event)}. Warm-up {minutesInWords(event.warmupSeconds)}, overrun {minutesInWords(event.overrunSeconds)}
        {event.missedStart === "skip" && "; skipped if it cannot begin in time"}.
      </p>
      {event.past.length > 0 && <Past platform={platform} event={event} now={now} />}
      <div class="row">
        <Link to={`/p/${platform}/events/${event.id}`} class="button small">Change<span class="unseen"> {event.title}</span></Link>
        <button class="small" onClick={cancel}>Cancel…<span class="unseen"> {event.title}</span></button>
      </div>
    </article>
  );
}

function Past({ platform, event, now }: { platform: string; event: PlannedEvent; now: number }) {
  const [all, setAll] = useState(false);
  const shown = all ? event.past : event.past.slice(0, PAST);
  return (
    <>
      <ul class="past" aria-label={`What became of ${event.title}`}>
        {shown.map(({ occurrence, fate, report }) => {
          const { word, why, good } = FATES[fate];
          // The clock of its place, told as it is.
          const moment = `${occurrence.slice(0, 19)}Z`;
          const when = atInWords(moment, "UTC", Date.parse(`${wallClock(now, event.timeZone)}Z`));
          return (
            <li class={good ? "" : "bad"}>
              <span>{when}</span>
              <span><b>{word}</b>: {why} {report && <Link to={`/p/${platform}/events/${event.id}/reports/${occurrence}`}>Report<span class="unseen"> of {event.title}, {when}</span></Link>}</span>
            </li>
          );
        })}
      </ul>
      {event.past.length > PAST && <button class="plain small" onClick={() => setAll(!all)}>{all ? "Less" : "Earlier ones"}<span class="unseen"> of {event.title}</span></button>}
    </>
  );
}

interface CancelProps { platform: string; event: PlannedEvent; done: (words: string) => void; keep: () => void }

/** One of a series, or all: what is changed is what was read when the dialog opened. */
function Cancel({ platform, event, done, keep }: CancelProps) {
  const [seen, setSeen] = useState<{ event: PlannedEvent; etag: string } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const fail = (error: unknown): void => setFailure(error instanceof Error ? error.message : String(error));
  useEffect(() => void api.showEvent(platform, event.id).then(setSeen, fail), [platform, event.id]);
  const now = useNow();
  const next = (seen?.event ?? event).upcoming[0];
  const run = async (ask: (etag: string) => Promise<unknown>, words: string): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await ask(seen!.etag);
      done(words);
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };
  const skip = (): Promise<void> => {
    const exceptions = [...(seen!.event.exceptions ?? []), next!.occurrence.slice(0, 10)];
    return run((etag) => api.changeEvent(platform, event.id, etag, { exceptions }, false), `“${event.title}” leaves out ${when}.`);
  };
  const when = next ? spanInWords(next.start, next.end, event.timeZone, now) : "";
  const series = event.recurrence !== undefined && next !== undefined;
  return (
    <>
      {next?.onAir && <p class="problem">It has the channel now. Cancelled, it gives the channel up, and viewers see the end of the stream.</p>}
      <p>{series ? `${recurrenceInWords(event)}. The next one is ${when}.` : when ? `It would be ${when}.` : "No occurrence of it lies ahead."}</p>
      {failure && <p class="problem" role="alert">{failure}</p>}
      <div class="actions">
        {series && <button disabled={!seen || busy} onClick={() => void skip()}>Leave out the next one only</button>}
        <button class="danger" disabled={!seen || busy} onClick={() => void run((etag) => api.cancelEvent(platform, event.id, etag), `“${event.title}” is cancelled.`)}>{series ? "Cancel all of them" : "Cancel the event"}</button>
        <button onClick={keep}>Keep it</button>
      </div>
    </>
  );
}
