// Who vouches for the record: whether it is operative, by which witnesses, at which size and since when. As it stands now, in every
// view and whatever the page is set to know.
import { count, sentence, several } from "./format";
import { Empty, Panel, State, When } from "./parts";
import { index } from "./state";
import type { Vouching } from "./types";

const MEANING = {
  witnessed: "Operative: the quorum that was agreed has cosigned this checkpoint.",
  "witnessed-by-fallback": "Operative by the agreed fallback only: a witness whom the quorum needs has not cosigned in time.",
  unwitnessed: "Not operative: no quorum of witnesses has cosigned this checkpoint, so only its operator vouches for it.",
} as const;

// Beside what was decided: how far the record that it rests on is vouched for.
export function Standing() {
  const i = index.value;
  if (!i?.standing) return null;
  return (
    <section class="identity">
      <h3>Who vouches for the record</h3>
      <p class="vouched">
        <State of={i.standing} words={i.standing} /> <Reason of={i.vouched_for} />{" "}
        {i.vouching && <span class="quiet">· checkpoint of {count(i.vouching.size, "entry", "entries")}</span>}
      </p>
    </section>
  );
}

// "unwitnessed: no witness policy is agreed" without the word that stands before it.
const Reason = ({ of }: { of: string | undefined }) => <span>{of?.replace(/^[a-z-]+:? /, "")}</span>;

function Checkpoint({ of }: { of: Vouching }) {
  return (
    <dl class="facts">
      <dt>Log</dt><dd><code>{of.origin}</code></dd>
      <dt>Checkpoint</dt><dd>{count(of.size, "entry", "entries")}</dd>
      <dt>Operative since</dt><dd>{of.since ? <When from={of.since} /> : "not operative"}</dd>
      <dt>Quorum</dt><dd>{of.agreed ? of.quorum : "no witness policy is agreed"}</dd>
      {of.fallback && <><dt>Fallback</dt><dd>{of.fallback.quorum}, {count(of.fallback.hours, "hour")} after it was reached</dd></>}
    </dl>
  );
}

function Witnesses({ of }: { of: Vouching }) {
  if (of.witnesses.length === 0) return <Empty>No witness is agreed.</Empty>;
  return (
    <table class="stacking compact">
      <caption class="quiet">A witness asserts that it saw one log that only grew. It asserts nothing about what was said.</caption>
      <thead>
        <tr><th scope="col">Witness</th><th scope="col">Key</th><th scope="col">Cosigned this checkpoint</th></tr>
      </thead>
      <tbody>
        {of.witnesses.map((w) => (
          <tr key={w.name}>
            <th scope="row" data-label="Witness">{w.name}</th>
            <td data-label="Key"><code>{w.key}</code></td>
            <td data-label="Cosigned">
              {w.cosigned ? <When from={w.cosigned} /> : !w.checked ? "its key cannot be checked here" : "not cosigned"}
              {!w.cosigned && w.late_since && <span class="quiet"> · asked in vain since <When from={w.late_since} />: {w.late_because}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Groups({ of }: { of: Vouching }) {
  return (
    <table class="stacking compact">
      <thead>
        <tr><th scope="col">Group</th><th scope="col">Asks for</th><th scope="col">Reached</th></tr>
      </thead>
      <tbody>
        {of.groups.map((g) => (
          <tr key={g.name}>
            <th scope="row" data-label="Group">{g.name}{g.name === of.quorum && <> <span class="tag">quorum</span></>}</th>
            <td data-label="Asks for">{g.needed === g.members.length ? "all" : g.needed} of {several(g.members, 6)}</td>
            <td data-label="Reached">{g.reached ? <When from={g.reached} /> : "not reached"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function RecordPanel() {
  const i = index.value;
  const v = i?.vouching;
  return (
    <div class="grid one">
      <Panel title="Who vouches for the record" id="h-record">
        {!i?.standing ? <Empty>This server serves no record.</Empty> : (
          <>
            <div class="figures">
              <div>
                <h3>The record, now</h3>
                <p class="big"><State of={i.standing} words={i.standing} /></p>
                <p class="quiet"><Reason of={i.vouched_for} /></p>
              </div>
            </div>
            <p class="because-line">{sentence(MEANING[i.standing])}</p>
            {v && <Checkpoint of={v} />}
          </>
        )}
      </Panel>
      {v && <Panel title="Witnesses" id="h-witnesses"><Witnesses of={v} /></Panel>}
      {v && v.groups.length > 0 && <Panel title="Groups, by the agreed policy" id="h-groups"><Groups of={v} /></Panel>}
      {v && (
        <Panel title="Check it yourself" id="h-check">
          <p class="pad"><a href="/record/checkpoint">/record/checkpoint</a> · <a href="/record/log.vkey">/record/log.vkey</a> · <code>surety record verify --policy FILE</code></p>
        </Panel>
      )}
    </div>
  );
}
