// The report of one occurrence of a planned event: a page to read, and to print.
import { useEffect, useState } from "preact/hooks";
import * as api from "./api";
import { ownZone, withClocks, zoneInWords } from "./events";
import { Banner, Link } from "./parts";
import { usePoll } from "./poll";
import { dayIn, dayInWords, exactly, figuresOf, gapInWords, rowsOf } from "./report";
import type { EventReport } from "./types";
import { happening } from "./words";

/** What is final changes no more, but the page stays open. */
const OPEN_MS = 10_000;
const FINAL_MS = 600_000;

export function ReportPage({ id, eventId, occurrence }: { id: string; eventId: string; occurrence: string }) {
  const [final, setFinal] = useState(false);
  const { value, error, lost } = usePoll<EventReport>(async () => {
    const got = await api.report(id, eventId, occurrence);
    setFinal(got.final);
    return got;
  }, final ? FINAL_MS : OPEN_MS, occurrence);
  useTitle(value ? `${value.title}, ${value.platform.name}` : null);
  return (
    <main class="narrow report">
      <p class="crumbs"><Link to="/">Platforms</Link> › <Link to={`/p/${id}`}>{value?.platform.name ?? id}</Link></p>
      <Banner lost={lost} error={error} />
      {!value && !error && <p class="quiet" role="status">Loading…</p>}
      {value && <Report report={value} />}
    </main>
  );
}

/** A printed page, and a file that it is printed into, are called after the document. */
function useTitle(title: string | null): void {
  useEffect(() => {
    if (!title) return;
    const was = document.title;
    document.title = title;
    return () => void (document.title = was);
  }, [title]);
}

function Report({ report }: { report: EventReport }) {
  const zone = ownZone();
  const { platform, title, final, summary, timeline } = report;
  const today = dayIn(report);
  const gap = gapInWords(report, zone, today);
  return (
    <article>
      <header>
        <h1>{title}</h1>
        <p>{platform.name}, {dayInWords(report, zone)}</p>
        <p class="hint">Times by the clocks of {zoneInWords(zone)}.</p>
        <button class="small" onClick={() => print()}>Print</button>
      </header>
      {!final && <p class="banner" role="status">It is not over yet: this is what is known so far.</p>}
      <p class="summary">{withClocks(summary, zone, Date.parse(today))}</p>
      <Times report={report} zone={zone} />
      <Figures report={report} />
      <section class="panel">
        <h2>What happened</h2>
        {gap && <p class="hint">{gap}</p>}
        {timeline.length === 0 && <p class="quiet">Nothing is kept of it.</p>}
        <ol class="timeline">
          {timeline.map((entry) => {
            const { who, text } = happening(entry);
            return (
              <li key={entry.id} class={who ? "asked" : ""}>
                <time dateTime={entry.at}>{exactly(entry.at, zone, today)}</time>
                <span>{who && <b>{who} </b>}{withClocks(text, zone, Date.parse(today))}{entry.count > 1 && <span class="hint"> ({entry.count} times)</span>}</span>
              </li>
            );
          })}
        </ol>
      </section>
    </article>
  );
}

function Times({ report, zone }: { report: EventReport; zone: string }) {
  const rows = rowsOf(report, zone);
  if (rows.length === 0) return null;
  return (
    <section class="panel">
      <h2>Planned and actual</h2>
      <table class="times">
        <thead><tr><th scope="col"><span class="unseen">What</span></th><th scope="col">Planned</th><th scope="col">Actual</th><th scope="col">Apart</th></tr></thead>
        <tbody>
          {rows.map(({ what, planned, actual, apart }) => (
            <tr><th scope="row">{what}</th><td>{planned}</td><td>{actual}</td><td class="hint">{apart}</td></tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Figures({ report }: { report: EventReport }) {
  const figures = figuresOf(report);
  if (figures.length === 0) return null;
  return (
    <section class="panel">
      <h2>In figures</h2>
      <dl class="figures">
        {figures.map(({ name, value, bad }) => <div><dt>{name}</dt><dd class={bad ? "problem" : ""}>{value}</dd></div>)}
      </dl>
    </section>
  );
}
