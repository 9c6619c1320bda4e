// Plans an event, or changes one. The API is asked first what would come of it: what may go wrong is said before it is planned.
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import {
  dateInWords, DAY_NAMES, DAYS, emptyEvent, EVENT_POINTERS, eventOf, eventPatch, formOf, isEventAdvanced, momentOf, ownSpan, ownZone, spanInWords, startedAt, weekday, withClocks, zoneInWords,
  type EventForm,
} from "./events";
import { Banner, Field, go, Link } from "./parts";
import { useNow } from "./poll";
import type { EventPreview, FieldError } from "./types";
import { problemsByField, stillWrong } from "./words";

/** What is changed, as it was read. */
interface Before { form: EventForm; etag: string }
interface Editing { form: EventForm; set: (change: Partial<EventForm> | EventForm) => void; wrong: (pointer: string) => string[] | undefined }

export function PlanPage({ id, eventId }: { id: string; eventId: string | null }) {
  const [name, setName] = useState<string | null>(null);
  const [before, setBefore] = useState<Before | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => {
    const load = async (): Promise<void> => {
      const [platform, seen] = await Promise.all([api.describe(id), eventId === null ? null : api.showEvent(id, eventId)]);
      setName(platform.platform.name);
      if (seen) setBefore({ form: formOf(seen.event), etag: seen.etag });
    };
    load().catch(setFailure);
  }, [id, eventId]);
  const there = eventId === null || before !== null;
  return (
    <main class="narrow">
      <p class="crumbs"><Link to="/">Platforms</Link> › <Link to={`/p/${id}`}>{name ?? id}</Link></p>
      <h1>{eventId === null ? "Plan an event" : "Change an event"}</h1>
      {failure && <Banner lost={false} error={failure} />}
      {!there && !failure && <p class="quiet" role="status">Loading…</p>}
      {there && <Plan id={id} eventId={eventId} before={before} />}
    </main>
  );
}

function Plan({ id, eventId, before }: { id: string; eventId: string | null; before: Before | null }) {
  const [form, setForm] = useState<EventForm>(() => before?.form ?? emptyEvent(Date.now(), ownZone()));
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<Error | null>(null);
  const [trial, setTrial] = useState<EventPreview | null>(null);
  const [busy, setBusy] = useState(false);
  const [advanced, setAdvanced] = useState(false);
  const page = useRef<HTMLFormElement>(null);
  const body = before ? eventPatch(before.form, form) : eventOf(form);
  const unchanged = before !== null && Object.keys(body).length === 0;
  // Its id says nothing to people.
  const inWords = errors.map(({ pointer, detail }) => ({ pointer, detail: withClocks(detail.replace(/ \(e-[0-9a-f]{12}\)/, ""), form.timeZone, Date.now()) }));
  const problems = problemsByField(inWords, EVENT_POINTERS);
  const set = (change: Partial<EventForm>): void => {
    const changed = { ...form, ...change };
    setForm(changed);
    setTrial(null);
    setErrors(stillWrong(errors, eventOf(form), eventOf(changed)));
  };
  const ask = (dry: boolean): Promise<EventPreview> =>
    before && eventId ? api.changeEvent(id, eventId, before.etag, body, dry) : api.planEvent(id, body, dry);
  const refuse = (error: unknown): void => {
    const found = error instanceof api.Refused ? (error.problem.errors ?? []) : [];
    setErrors(found);
    setFailure(found.length > 0 ? null : error instanceof Error ? error : new Error(String(error)));
    if (found.some(({ pointer }) => isEventAdvanced(pointer))) setAdvanced(true);
    // The first field that is wrong, once it is marked.
    setTimeout(() => page.current?.querySelector<HTMLElement>("[aria-invalid], [role=alert]")?.focus());
  };
  /** Warnings are read before it is sent: a second press is the consent. */
  const send = async (only: boolean): Promise<void> => {
    // The buttons stay as they are meanwhile: one that is disabled would lose the focus.
    if (busy) return;
    setBusy(true);
    setFailure(null);
    setErrors([]);
    try {
      if (only || !trial?.warnings) {
        const would = await ask(true);
        setTrial(would);
        if (only || would.warnings) return;
      }
      await ask(false);
      go(`/p/${id}`);
    } catch (error) {
      setTrial(null);
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  const editing: Editing = { form, set, wrong: (pointer) => problems.get(pointer) };
  const verb = eventId === null ? "Plan it" : "Save";
  return (
    <form ref={page} noValidate aria-busy={busy} onSubmit={(event) => { event.preventDefault(); void send(false); }}>
      {failure && <div tabIndex={-1}><Banner lost={false} error={failure} /></div>}
      {problems.get("") && <ul class="banner bad" role="alert" tabIndex={-1}>{problems.get("")?.map((text) => <li>{text}</li>)}</ul>}
      <When {...editing} />
      <Recurs {...editing} />
      <Advanced {...editing} open={advanced} toggle={setAdvanced} />
      {/* There before it has words, so that they are read out. */}
      <div role="status">{trial && <Trial event={trial} />}</div>
      <div class="actions">
        <button class="primary" disabled={unchanged}>{trial?.warnings ? `${verb} anyway` : verb}</button>
        <button type="button" disabled={unchanged} onClick={() => void send(true)}>When would it be on?</button>
        <Link to={`/p/${id}`} class="button plain">Back</Link>
      </div>
    </form>
  );
}

function When({ form, set, wrong }: Editing) {
  const now = useNow();
  const [start, end] = [momentOf(form.start, form.timeZone), momentOf(form.end, form.timeZone)];
  const own = start !== null && end !== null && end > start
    ? ownSpan(new Date(start).toISOString(), new Date(end).toISOString(), form.timeZone, ownZone(), now) : null;
  return (
    <section class="panel">
      <h2>What and when</h2>
      <Field label="Title" problems={wrong("/title")} hint="Viewers read it while they wait.">
        {(props) => <input {...props} name="title" maxLength={80} autoComplete="off" value={form.title} onInput={(event) => set({ title: event.currentTarget.value })} />}
      </Field>
      <div class="pair">
        <Field label="Start" problems={wrong("/start")}>
          {(props) => <input {...props} name="start" type="datetime-local" value={form.start} onChange={(event) => set(startedAt(form, event.currentTarget.value))} />}
        </Field>
        <Field label="End" problems={wrong("/end")}>
          {(props) => <input {...props} name="end" type="datetime-local" value={form.end} onChange={(event) => set({ end: event.currentTarget.value })} />}
        </Field>
      </div>
      <Field label="Time zone" problems={wrong("/timeZone")} hint={own ? `${own} in your time, ${zoneInWords(ownZone())}.` : "Of the place: nights when its clocks change are taken care of."}>
        {(props) => <input {...props} name="zone" list="zones" autoComplete="off" spellcheck={false} value={form.timeZone} onInput={(event) => set({ timeZone: event.currentTarget.value.trim() })} />}
      </Field>
      <datalist id="zones">{["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => <option value={zone} />)}</datalist>
    </section>
  );
}

const REPEATS: Record<EventForm["repeat"], string> = { never: "Once", daily: "Every day", weekly: "Every week" };

function Recurs({ form, set, wrong }: Editing) {
  const repeat = (kind: EventForm["repeat"]): void =>
    set({ repeat: kind, days: kind === "weekly" && form.days.length === 0 && form.start ? [weekday(form.start)] : form.days });
  const problems = wrong("/recurrence");
  return (
    <section class="panel">
      <h2>How often</h2>
      <fieldset>
        <legend class="unseen">How often</legend>
        {(Object.keys(REPEATS) as EventForm["repeat"][]).map((kind) => (
          <label class="choice"><input type="radio" name="repeat" checked={form.repeat === kind} onChange={() => repeat(kind)} /><span><b>{REPEATS[kind]}</b></span></label>
        ))}
      </fieldset>
      {problems && <p class="problem" role="alert" tabIndex={-1}>{problems.map((text) => <span>{text}</span>)}</p>}
      {form.repeat === "weekly" && <Weekdays form={form} set={set} />}
      {form.repeat !== "never" && <Series form={form} set={set} wrong={wrong} />}
    </section>
  );
}

function Weekdays({ form, set }: Pick<Editing, "form" | "set">) {
  return (
    <fieldset class="days">
      <legend>On</legend>
      {DAYS.map((day) => (
        <label class="choice">
          <input type="checkbox" checked={form.days.includes(day)}
            onChange={(event) => set({ days: event.currentTarget.checked ? [...form.days, day] : form.days.filter((one) => one !== day) })} />
          <span><b>{DAY_NAMES[day]}</b></span>
        </label>
      ))}
    </fieldset>
  );
}

function Series({ form, set, wrong }: Editing) {
  const unit = form.repeat === "daily" ? "days" : "weeks";
  return (
    <>
      <div class="three">
        <Field label={`Every … ${unit}`}>
          {(props) => <input {...props} inputMode="numeric" value={form.every} onInput={(event) => set({ every: event.currentTarget.value })} />}
        </Field>
        <Field label="Last day" hint="Left empty, it has no end.">
          {(props) => <input {...props} name="until" type="date" value={form.until} disabled={form.times !== ""} onChange={(event) => set({ until: event.currentTarget.value })} />}
        </Field>
        <Field label="Or so many times">
          {(props) => <input {...props} inputMode="numeric" value={form.times} disabled={form.until !== ""} onInput={(event) => set({ times: event.currentTarget.value })} />}
        </Field>
      </div>
      <Exceptions form={form} set={set} wrong={wrong} />
    </>
  );
}

function Exceptions({ form, set, wrong }: Editing) {
  const [date, setDate] = useState("");
  const add = (): void => {
    if (date) set({ exceptions: [...new Set([...form.exceptions, date])].sort() });
    setDate("");
  };
  return (
    <>
      <Field label="Not on" hint="Days on which it does not take place." problems={wrong("/exceptions")}>
        {(props) => (
          <div class="row">
            <input {...props} name="exception" type="date" value={date} onChange={(event) => setDate(event.currentTarget.value)}
              onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); add(); } }} />
            <button type="button" disabled={!date} onClick={add}>Add<span class="unseen"> this day</span></button>
          </div>
        )}
      </Field>
      {form.exceptions.length > 0 && (
        <ul class="row exceptions" aria-label="Not on">
          {form.exceptions.map((one) => (
            <li><button type="button" class="small" onClick={() => set({ exceptions: form.exceptions.filter((other) => other !== one) })}>{dateInWords(one)}<span class="cross" aria-hidden="true">×</span><span class="unseen">: take it back</span></button></li>
          ))}
        </ul>
      )}
    </>
  );
}

function Advanced({ form, set, wrong, open, toggle }: Editing & { open: boolean; toggle: (open: boolean) => void }) {
  return (
    <details class="panel" open={open} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>Advanced</summary>
      <div class="pair">
        <Field label="Warm-up, in minutes" problems={wrong("/warmupSeconds")} hint="So long before the start the channel is started. Left empty, as long as the slowest start takes.">
          {(props) => <input {...props} inputMode="decimal" value={form.warmup} onInput={(event) => set({ warmup: event.currentTarget.value })} />}
        </Field>
        <Field label="Overrun, in minutes" problems={wrong("/overrunSeconds")} hint="So long after the end it stays on while there is a signal.">
          {(props) => <input {...props} inputMode="decimal" value={form.overrun} onInput={(event) => set({ overrun: event.currentTarget.value })} />}
        </Field>
      </div>
      <Field label="When the start was missed" problems={wrong("/missedStart")}>
        {(props) => (
          <select {...props} value={form.missedStart} onChange={(event) => set({ missedStart: event.currentTarget.value as EventForm["missedStart"] })}>
            <option value="start-late">Start late, if it is not over yet</option>
            <option value="skip">Skip it</option>
          </select>
        )}
      </Field>
    </details>
  );
}

const SHOWN = 5;

function Trial({ event }: { event: EventPreview }) {
  const now = useNow();
  return (
    <section class="panel trial">
      {event.warnings && (
        <div class="banner">
          <p><b>Mind before you go on:</b></p>
          <ul>{event.warnings.map(({ detail }) => <li>{withClocks(detail, event.timeZone, now)}</li>)}</ul>
        </div>
      )}
      <h2>It would be on</h2>
      <ol>
        {event.upcoming.slice(0, SHOWN).map(({ start, end }) => {
          const own = ownSpan(start, end, event.timeZone, ownZone(), now);
          return <li>{spanInWords(start, end, event.timeZone, now)} <span class="hint">{zoneInWords(event.timeZone)}{own && `; ${own} in your time`}</span></li>;
        })}
      </ol>
      {event.upcoming.length > SHOWN && <p class="hint">And so on.</p>}
    </section>
  );
}
