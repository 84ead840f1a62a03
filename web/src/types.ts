// The interface's objects, as docs/api.md lists them. Members that the page does not use are left out.

export type View = "actual" | "exercise" | "hypothetical";
export type Grade = "none" | "claimed" | "reported" | "corroborated" | "verified" | "adjudicated";
export type Truth = "fails" | "undetermined" | "holds";

export interface Framed {
  exercise: View;
  known_at: string;
  now: string;
  revision: number;
}
export interface Page<T> extends Framed {
  total: number;
  offset: number;
  limit: number;
  next: number | null;
  items: T[];
}

export interface Index extends Framed {
  version: string;
  statements: number;
  views: Record<View, number>;
  record: boolean;
  standing?: "witnessed" | "witnessed-by-fallback" | "unwitnessed";
  vouched_for?: string;
  vouching?: Vouching | null; // null: it cannot be told
}
// Who vouches for the record's checkpoint, by the agreed witness policy.
export interface Vouching {
  operative: boolean;
  since: string | null;
  origin: string;
  size: number;
  agreed: boolean;
  quorum: string;
  witnesses: { name: string; key: string; cosigned: string | null; checked: boolean; late_since: string | null; late_because?: string }[];
  groups: { name: string; needed: number; members: string[]; reached: string | null }[];
  fallback: { hours: number; quorum: string } | null;
}

export interface AgreementHead {
  name: string;
  version: string;
  title: string;
  binding: string;
  parties: string[];
  signed_by: string[];
  endorsed_by: string[];
  zone: string;
  from: string | null;
  until: string | null;
  in_force_when: string | null;
  in_force: Truth;
  because: string;
  clauses_total: number;
  text_sha256: string;
  hash: string;
}
export interface Clause {
  id: string;
  title: string;
  about: string;
  source: string;
  line: number;
  modal: string;
  bearer: string;
  bearers: string[];
  action: string;
  time: string;
  binding: string;
  when?: string;
  except?: string;
  binding_once?: string;
  occurrence: Grade;
  attribution: Grade;
  otherwise: string[];
  otherwise_unspecified: boolean;
  readings: { name: string; of: string; text: string }[];
  notes: string[];
  meaning?: string;
}
export interface Agreement extends Framed, AgreementHead {
  sources: string[];
  purposes: { name: string; text: string; source: string; served_by: string[] }[];
  objections: { by: string; date: string; text: string; source: string; against: string[] }[];
  history: { date: string; text: string; source: string }[];
  parameters: { name: string; value: string; reason: string }[];
  bodies: { name: string; chair: string; members: string[] }[];
  findings: { name: string; decided_by: string; when: string }[];
  events: { name: string; reported_as: string[]; observed_by: string[] }[];
  machines: { name: string; initial: string; transitions: { from: string[]; to: string; when: string }[] }[];
  clauses: Clause[];
  notes: string[];
}

export interface Waiting {
  why: string;
  instrument: string;
  subject: string;
  text: string;
  event?: string;
  grade?: Grade;
  body?: string;
  qualifying?: number;
  examples?: string[];
  scanned?: number;
}
export interface Count {
  instrument: string;
  pattern: string;
  party: string;
  from?: string;
  until?: string;
  certain: number;
  possible: number;
}
export interface Status {
  instrument: string;
  in_force: Truth;
  since: string | null;
  until: string | null;
  because: string;
  machines: { machine: string; state: string; since: string | null; verdict?: string }[];
  waiting: Waiting[];
  counts: Count[];
  tallies: {
    clause: string;
    occurred_certain: number;
    occurred_possible: number;
    attributed: number;
    unattributed: number;
    excused: number;
  }[];
  problems: { code: string; message: string; help?: string }[];
}

export interface StateVerdict {
  kind: "state";
  instrument: string;
  machine: string;
  status: string;
  from: string;
  to: string;
  event_time: string;
  known_at: string;
  grade: Grade;
  exercise: View;
  certain: boolean;
  parameters?: string[];
  supersedes?: string;
  reason?: string;
  id: string;
}
export interface DutyVerdict {
  kind: "duty";
  instrument: string;
  version: string;
  clause: string;
  title: string;
  bearer: string;
  beneficiary?: string;
  action: string;
  about?: string;
  state: string;
  reading: string;
  event_time: string;
  known_at: string;
  due: string | null;
  binding: string;
  grade: Grade;
  attribution: Grade;
  exercise: View;
  trigger?: string;
  waits_for?: string;
  decided_by?: string;
  parameters?: string[];
  supersedes?: string;
  reason?: string;
  id: string;
}

export interface Place {
  name: string;
  lat?: number;
  lon?: number;
  radius_m?: number;
}
export interface Incident {
  kind: "incident";
  id: string;
  event: string;
  exercise: View;
  from: string;
  to: string;
  open_end: boolean;
  first_known: string;
  known_at: string;
  place?: Place;
  occurrence: Grade;
  attributions: { party: string; grade: Grade; basis: string; by: string[] }[];
  origins: string[];
  members: string[];
  reasons: string[];
  end: string;
}
export type Field = string | { low?: string; high?: string; unit?: string; words?: string; unknown?: true; withheld?: true };
export interface Statement {
  id: string;
  kind: string;
  exercise?: View;
  author: string;
  origin?: string;
  speaks_for?: string;
  means?: string;
  admiralty?: string;
  event: string;
  from: string;
  to?: string;
  known_at?: string;
  place?: Place;
  actor?: string;
  actor_basis?: string;
  fields?: Record<string, Field>;
  source: string;
  text?: string;
}

export interface Witness {
  rule: string;
  text: string;
  leaves?: string[];
  scanned?: number;
  children?: Witness[];
}
export interface Explanation {
  verdict: (StateVerdict | DutyVerdict) & { witness: Witness };
  clause?: { id: string; title: string; source: string; line: number; notes: string[] };
  program: string;
  text_sha256: string;
  leaves: number;
  evidence: (Statement | Incident)[];
}

export interface WindowCount {
  from: string;
  to: string;
  certain: number;
  possible: number;
}
export interface Coverage extends Framed {
  stated: boolean;
  rate: {
    from: string;
    to: string;
    feeds: { author: string; speaks_for: string; event: string; window: WindowCount; before: WindowCount[] }[];
    coverage: { feed: string; state: string; sees: string; blind: string; source: string; from: string; to: string }[];
  };
}
export interface Bin {
  from: string;
  to?: string; // vague: it lies somewhere in [from, to]
  by_event: Record<string, number>;
  attributed: number;
}
export interface Timeline extends Framed {
  from: string;
  window_from: string;
  window_to: string;
  stated: boolean;
  bin_hours: number;
  bins: Bin[];
  vague: Bin[];
}

export interface CompareCell {
  clause: string;
  title: string;
  modal: string;
  bearer: string;
  action: string;
  time: string;
  binding: string;
  otherwise_unspecified: boolean;
  duties: { bearer: string; state: string; reading: string; due: string | null; waits_for?: string; decided_by?: string; id: string }[];
}
export interface Compare extends Framed {
  instruments: { name: string; title: string; binding: string; in_force: Truth; because: string }[];
  rows: { about: string; cells: CompareCell[][] }[];
}

export interface Amount {
  low?: string;
  high?: string;
  unit?: string;
  words?: string;
}

export interface Geometry {
  instrument: string;
  zones: { name: string; file: string; geojson: GeoJSON.FeatureCollection }[];
}

export interface Balance {
  party: string;
  item: string;
  unit: string;
  promised: Record<string, Amount>;
  done: Record<string, Amount>;
  confirmed?: Amount;
  at_most?: Amount;
  open?: Amount;
  vague: boolean;
  words: string[];
  entries: string[];
}
export interface Account {
  kind: "fulfilment";
  instrument: string;
  clause: string;
  title: string;
  about?: string;
  binding: string;
  bearers: string[];
  silent: string[];
  state: string;
  balances: Balance[];
}
export interface Force {
  kind: "force";
  clause: string;
  party: string;
  item: string;
  unit: string;
  pledged: Amount;
  ready: Amount;
  deployed: Amount;
  withdrawn: Amount;
  words?: string;
}
export interface Hub {
  kind: "hub";
  clause: string;
  name: string;
  party: string;
  stage: string;
  capacity?: Amount;
  stock: Record<string, Amount>;
}
export interface Entry {
  kind: "pledge" | "performance" | "conclusion" | "notice";
  id: string;
  clause: string;
  party: string;
  author: string;
  item: string;
  stage: string;
  amount?: Amount & { withheld?: true };
  by?: string;
  condition?: string;
  when: string;
  known_at: string;
  exercise: View;
  pledge?: string;
  amends?: string[];
  source: string;
  text?: string;
}
