// The rest of the form: what has a good default.
import type { Editing } from "./create";
import { FORMATS, FRAME_RATES, type Form } from "./form";
import { Field } from "./parts";
import type { Format } from "./types";

type Texts = { [K in keyof Form]: Form[K] extends string ? (string extends Form[K] ? K : never) : never }[keyof Form];

function Text({ label, of, at, hint, form, set, wrong }: Editing & { label: string; of: Texts; at: string; hint?: string }) {
  return (
    <Field label={label} hint={hint} problems={wrong(at)}>
      {(props) => <input {...props} value={form[of]} onInput={(event) => set({ [of]: event.currentTarget.value })} />}
    </Field>
  );
}

function Check({ label, of, form, set }: Editing & { label: string; of: "standard" | "surround" | "archive" | "alarms" | "loop" }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={form[of]} onChange={(event) => set({ [of]: event.currentTarget.checked })} />
      <span>{label}</span>
    </label>
  );
}

export function Advanced(props: Editing & { open: boolean; toggle: (open: boolean) => void }) {
  const { form, open, toggle } = props;
  return (
    <details class="panel" open={open} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>Advanced</summary>
      <Text {...props} label="Description" of="description" at="/description" />
      <h3>Encoder</h3>
      <Check {...props} label="Two pipelines in two zones, at twice the price" of="standard" />
      <div class="pair">
        <Field label="Frames a second" problems={props.wrong("/ladder/frameRate")}>
          {(own) => <select {...own} value={form.frameRate} onChange={(event) => props.set({ frameRate: event.currentTarget.value })}>{FRAME_RATES.map((rate) => <option>{rate}</option>)}</select>}
        </Field>
        <Text {...props} label="GOP, in seconds" of="gop" at="/ladder/gopSeconds" hint="Segments have to be whole GOPs." />
      </div>
      <Sound {...props} />
      <Loss {...props} />
      <h3>Formats</h3>
      {(Object.keys(FORMATS) as Format[]).filter((format) => form.endpoints[format].on).map((format) => <Endpoint {...props} format={format} />)}
      <h3>Recording and alarms</h3>
      <Check {...props} label="Record everything that is on air" of="archive" />
      {form.archive && <Text {...props} label="Length of a recorded piece, in seconds" of="rollover" at="/archive/rolloverSeconds" />}
      <Check {...props} label="Alarms" of="alarms" />
      {form.alarms && <Thresholds {...props} />}
      <h3>The rest</h3>
      <Text {...props} label="Renew the CDN's secret every … days" of="rotateDays" at="/cdnSecret/rotateEveryDays" hint="Left empty, only when somebody asks." />
      <Field label="Tags" hint="key=value, one per line." problems={props.wrong("/tags")}>
        {(own) => <textarea {...own} class="code" rows={2} value={form.tags} onInput={(event) => props.set({ tags: event.currentTarget.value })} />}
      </Field>
    </details>
  );
}

function Sound(props: Editing) {
  return (
    <>
      <h3>Sound</h3>
      <div class="pair">
        <Text {...props} label="Language" of="language" at="/audio/0/language" hint="Three letters, for example eng." />
        <Text {...props} label="Name in players" of="audioLabel" at="/audio/0/label" />
      </div>
      <Check {...props} label="The source carries 5.1" of="surround" />
      {props.form.inputType === "MP4_FILE" && <Check {...props} label="Play the file over and over" of="loop" />}
    </>
  );
}

function Loss(props: Editing) {
  const { form, set, wrong } = props;
  return (
    <>
      <h3>When the picture is lost</h3>
      <Field label="Viewers see" problems={wrong("/inputLoss/show")}>
        {(own) => (
          <select {...own} value={form.loss} onChange={(event) => set({ loss: event.currentTarget.value as Form["loss"] })}>
            <option value="">MediaLive's own rule</option>
            <option value="repeat">the last frame</option>
            <option value="black">black</option>
            <option value="slate">a picture</option>
            <option value="color">a colour</option>
          </select>
        )}
      </Field>
      {form.loss === "slate" && <Text {...props} label="Address of the picture" of="slateUrl" at="/inputLoss/slateUrl" hint="A PNG or BMP on a web server or in a bucket (s3ssl://…)." />}
      {form.loss === "color" && <Text {...props} label="Colour" of="color" at="/inputLoss/color" hint="Red, green, blue, for example 1A2B3C." />}
    </>
  );
}

const ENDPOINT = [
  ["segment", "segmentSeconds", "Segment, s"], ["window", "windowSeconds", "Window, s"],
  ["startover", "startoverSeconds", "Start-over, s"], ["manifest", "manifestName", "Manifest"],
] as const;

function Endpoint({ form, set, wrong, format }: Editing & { format: Format }) {
  const own = form.endpoints[format];
  return (
    <fieldset class="four">
      <legend>{FORMATS[format].label}</legend>
      {ENDPOINT.map(([member, name, label]) => (
        <Field label={label} problems={wrong(`/endpoints/${format}/${name}`)}>
          {(props) => <input {...props} value={own[member]} onInput={(event) => set({ endpoints: { ...form.endpoints, [format]: { ...own, [member]: event.currentTarget.value } } })} />}
        </Field>
      ))}
    </fieldset>
  );
}

function Thresholds(props: Editing) {
  return (
    <fieldset class="four">
      <legend>An alarm, when in five minutes there are more</legend>
      <Text {...props} label="Packager 4xx" of="packager4xx" at="/alarms/packager4xxCount" />
      <Text {...props} label="Packager 5xx" of="packager5xx" at="/alarms/packager5xxCount" />
      <Text {...props} label="CDN 4xx, %" of="cdn4xx" at="/alarms/cdn4xxPercent" />
      <Text {...props} label="CDN 5xx, %" of="cdn5xx" at="/alarms/cdn5xxPercent" />
    </fieldset>
  );
}
