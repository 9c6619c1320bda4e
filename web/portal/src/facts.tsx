// What happened, what there is in AWS, and what the API answers as it is.
import { timeline } from "./api";
import { ownZone, withClocks } from "./events";
import { Copy } from "./parts";
import { usePoll } from "./poll";
import type { Platform } from "./types";
import { useState } from "preact/hooks";
import { consoleLink, happening, slotInWords } from "./words";

const EVERY_MS = 5000;
const PAGE = 30;

export function Facts({ platform }: { platform: Platform }) {
  return (
    <>
      <Timeline id={platform.id} />
      {platform.resources.length > 0 && <Resources platform={platform} />}
      <Raw platform={platform} />
    </>
  );
}

function Timeline({ id }: { id: string }) {
  const [all, setAll] = useState(false);
  const { value } = usePoll(async () => (await timeline(id)).entries, EVERY_MS, id);
  const entries = (value ?? []).slice(0, all ? PAGE : 8);
  return (
    <section class="panel">
      <h2>Timeline</h2>
      <ol class="timeline">
        {entries.map((entry) => {
          const { who, text } = happening(entry);
          return (
            <li key={entry.id} class={who ? "asked" : ""}>
              <time dateTime={entry.at} title={entry.at}>{new Date(entry.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false })}</time>
              <span>{who && <b>{who} </b>}{withClocks(text, ownZone(), Date.now())}{entry.count > 1 && <span class="hint"> {entry.count} times</span>}</span>
            </li>
          );
        })}
      </ol>
      {(value?.length ?? 0) > 8 && <button class="plain" onClick={() => setAll(!all)}>{all ? "Less" : "More"}</button>}
    </section>
  );
}

function Resources({ platform }: { platform: Platform }) {
  return (
    <details class="panel">
      <summary>Resources in AWS ({platform.resources.length})</summary>
      <ul class="resources">
        {platform.resources.map((resource) => {
          const link = consoleLink(resource, platform.resources);
          return (
            <li>
              <b>{slotInWords(resource.slot)}</b>
              <span>{link ? <a href={link} target="_blank" rel="noopener noreferrer">{resource.id}</a> : resource.id}</span>
              <span class="hint">{resource.status ?? "not looked at yet"}</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

function Raw({ platform }: { platform: Platform }) {
  const text = JSON.stringify(platform, null, 2);
  return (
    <details class="panel">
      <summary>As JSON</summary>
      <p class="row"><Copy text={text} label="JSON" /></p>
      {/* It scrolls, so the keyboard has to reach it. */}
      <pre tabIndex={0} role="region" aria-label="The platform as JSON">{text}</pre>
    </details>
  );
}
