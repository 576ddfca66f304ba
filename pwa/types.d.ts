// Shapes that several modules share: what the server says, and what the phone keeps.

/** Two languages of one text. */
export interface Say {
  vi: string;
  en: string;
}

/** Who collects for the household. */
export interface Collector {
  name: string;
  relation: string;
}

/** A scan as it is sent, online or later. The same nonce always goes with the same body. */
export interface ScanBody {
  nonce: string;
  code: string;
  point_id: string;
  scanned_at: string;
  units: number;
  desk: string;
  collector?: Collector;
}

/** One record of the chain: a handover as a fact. */
export interface QueueRecord extends ScanBody {
  sequence: number;
  previous_hash: string;
  lease_epoch?: number;
  handed_out: true;
}

/** The chain's end. */
export interface ChainHead {
  sequence: number;
  record_hash: string;
}

/** A record that waits, with what the phone itself wants to know of it. */
export interface Waiting {
  sequence: number;
  record: QueueRecord;
  hash: string;
  /** The voucher, when the phone knows it: round and serial. */
  voucher: string | null;
  /** Why the server will never take it. */
  error?: { code: string; message: string };
}

/** A scan that was sent and not answered yet. */
export interface Attempt {
  nonce: string;
  body: ScanBody;
  voucher: string | null;
  asked_at: number;
}

/** An undo that waits for its record's answer, or for a network. */
export interface Undo {
  nonce: string;
  reason: string;
  /** The voucher's mark key, when the phone knows it. */
  voucher: string | null;
}

/** What this phone did with a voucher under a lease. */
export interface Mark {
  /** Lease id, "/", round number, ":", serial. */
  key: string;
  /** Units that this phone handed out. */
  out: number;
  /** Handed back to the server, or undone: never to be handed out under this lease again. */
  given: boolean;
  /** When it was last handed out, ms since 1970. */
  at: number;
}

export interface Share {
  desk: number;
  of?: number;
}

/** Where the volunteer stands. */
export interface Post {
  point_id: string;
  point: string;
  desk: string;
  share: Share | null;
}

/** The lease in force. */
export interface Lease {
  id: string;
  epoch: number;
  point_id: string;
  desk: string;
  share: Share | null;
  /** How long the phone may use it after asking for it, in ms. */
  lasts_ms: number;
  /** When it was asked for, by the wall clock. */
  asked_wall: number;
  /** When it was asked for, by the page's monotonic clock; nothing after a restart. */
  asked_mono?: number;
}

/** Another phone that holds vouchers of the point and share that were asked for. */
export interface Holder {
  device: string;
  volunteer: string | null;
  desk: string;
  vouchers: number;
  heard_at: string | null;
  revoked: boolean;
}

export interface Round {
  id: string;
  number: number;
  name: string;
  status: "open" | "paused" | "closed";
  starts_at: string;
  ends_at: string;
  valid_from: string;
  valid_until: string;
  enforce_slots: boolean;
  any_point: boolean;
  collector_required: boolean;
  offline: "strict" | "amber";
  amber: { in_a_row: number; hours: number } | null;
  package: { name: string; contents: { name: string; quantity: number; text: string }[] };
}

export interface PublishedKey {
  kid: number;
  public_key: string;
  withdrawn: boolean;
}

/** The manifest as the server sends it. */
export interface ManifestBody {
  version: number;
  instance_id: string;
  server_time: string;
  point: { id: string; number: number; name: string; address: string; desks: number };
  lease: { id: string; epoch: number; desk: string; share: Share | null; use_until: string } | null;
  rounds: Round[];
  keys: PublishedKey[];
  salt: string;
  iterations: number;
  rows: string;
  row_count: number;
  known: string;
  known_count: number;
}

/** A voucher of the manifest, opened by its own code. */
export interface Row {
  round: Round;
  serial: number;
  issue: number;
  units: number;
  members: number;
  /** Day number (since 2020-01-01) from which the household may receive again; 0: no wait. */
  next_on: number;
  /** The slot in ms since 1970, or nothing. */
  slot: { from: number; until: number } | null;
  name: string;
}

/** The server's answer to a scan, and what the phone answers itself in the same shape. */
export interface Answer {
  nonce: string;
  outcome: string;
  replayed?: boolean;
  message?: string;
  voucher?: { id?: string; serial: number; round: string; units: number };
  household?: { id?: string; head_name: string; members: number };
  package?: { name: string; contents: { name: string; quantity: number; text: string }[] };
  redeemed_at?: string;
  /** The handover was undone since: nothing is handed out on this answer. */
  reversed_at?: string;
  first?: { at: string; point: string; desk: string; proxy?: boolean };
  go_to?: { name: string; address: string };
  valid?: [string, string];
  slot?: [string, string];
  next_on?: string;
  /** `leased_elsewhere`: at which desk, by which phone, and when that was last heard of. */
  held_at?: string;
  held_by?: string;
  held_heard_at?: string;
  recall?: "asked" | "unreachable";
  fields?: string[];
  units_left?: number;
  flags?: string[];
  /** Decided by the phone itself, and recorded. */
  recorded?: boolean;
  /** Decided by the phone itself for a voucher that it does not hold. */
  amber?: boolean;
  /** `already_redeemed`: by this very phone, as it remembers. */
  here?: boolean;
}

/** Who this phone is. */
export interface Identity {
  device_id: string;
  token: string;
  volunteer: string;
  name: string;
}

export interface Settings {
  lang: "vi" | "en" | null;
  camera: string | null;
  zoom: number | null;
  sound: boolean;
  delivery: boolean;
}
