// Where the encoder pushes to, and how: the address is a secret, so it is masked until somebody wants it.
import { Value } from "./parts";
import type { Ingest, Platform } from "./types";
import { ffmpegCommand, rtmpParts } from "./words";
import { isPush } from "./form";

const MASK = "••••••••••••";

export function IngestPanel({ platform }: { platform: Platform }) {
  const inputs = [...new Set(platform.ingest.map(({ input }) => input))];
  return (
    <section class="panel">
      <h2>Your encoder</h2>
      {inputs.length === 0 && <p class="quiet">The addresses come when the inputs are made.</p>}
      {inputs.map((input) => <Input name={input} addresses={platform.ingest.filter((address) => address.input === input)} only={inputs.length === 1} />)}
    </section>
  );
}

function Input({ name, addresses, only }: { name: string; addresses: Ingest[]; only: boolean }) {
  const first = addresses[0]!;
  return (
    <article class="input">
      {!only && <h3>{name}</h3>}
      {addresses.map((address) => (
        <>
          {addresses.length > 1 && <p class="label">{address.pipeline === 0 ? "Primary" : "Backup"}</p>}
          <Address address={address} />
        </>
      ))}
      {isPush(first.type) && (first.allowedFrom.length > 0
        ? <p class="hint">Taken from {first.allowedFrom.join(", ")} only.</p>
        : <p class="problem">Nobody may push yet: name your encoder's address under Settings.</p>)}
      {isPush(first.type) && <HowTo address={first} />}
    </article>
  );
}

function Address({ address }: { address: Ingest }) {
  const parts = address.type === "RTMP_PUSH" ? rtmpParts(address.url) : null;
  if (!parts) return <Value label={isPush(address.type) ? "Push to" : "Pulled from"} value={address.url} />;
  return (
    <>
      <Value label="Server" value={parts.server} masked={`${parts.host}/${MASK}`} />
      <Value label="Stream key" value={parts.key} masked={MASK} />
    </>
  );
}

function HowTo({ address }: { address: Ingest }) {
  const masked = address.type === "RTMP_PUSH" ? `${rtmpParts(address.url)?.host ?? ""}/${MASK}` : address.url;
  return (
    <>
      {address.type === "RTMP_PUSH" && (
        <details>
          <summary>With OBS</summary>
          <ol>
            <li>Settings, Stream: choose the service “Custom…”.</li>
            <li>Copy Server and Stream key from above into the fields of the same name.</li>
            <li>Settings, Output: rate control CBR, keyframe interval 2 s, bitrate up to 6000 kb/s, profile high.</li>
            <li>Start Streaming. The state above turns to On air when your picture arrives.</li>
          </ol>
        </details>
      )}
      <details>
        <summary>With ffmpeg</summary>
        <Value label="Command" value={ffmpegCommand(address.type, address.url)} masked={ffmpegCommand(address.type, masked)} />
      </details>
    </>
  );
}
