/**
 * What the phone keeps, in IndexedDB. Every write is one transaction with strict durability: when it is over, the disk has it.
 * @module
 */

/** @typedef {import("./types.js").Waiting} Waiting */
/** @typedef {import("./types.js").Attempt} Attempt */
/** @typedef {import("./types.js").Undo} Undo */
/** @typedef {import("./types.js").Mark} Mark */

const NAME = "lalanh";
const VERSION = 1;
const STORES = /** @type {const} */ (["meta", "records", "attempts", "undos", "marks"]);

/** @typedef {(typeof STORES)[number]} StoreName */

/**
 * One change: what to put into and to delete from each store. All of it happens, or nothing.
 * @typedef {object} Change
 * @property {Record<string, unknown>} [meta] Values by key; `undefined` deletes.
 * @property {Waiting[]} [records]
 * @property {number[]} [doneRecords] Sequences to delete.
 * @property {Attempt[]} [attempts]
 * @property {string[]} [doneAttempts] Nonces to delete.
 * @property {Undo[]} [undos]
 * @property {string[]} [doneUndos] Nonces to delete.
 * @property {Mark[]} [marks]
 * @property {string} [forgetLease] Deletes the marks of this lease.
 */

/**
 * @typedef {object} Kept
 * @property {Record<string, any>} meta
 * @property {Waiting[]} records In the order of their sequence.
 * @property {Attempt[]} attempts
 * @property {Undo[]} undos
 * @property {Mark[]} marks
 */

/**
 * @typedef {object} Store
 * @property {() => Promise<Kept>} load
 * @property {(change: Change) => Promise<void>} write
 * @property {() => Promise<void>} clear
 */

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
async function open() {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore("meta");
    db.createObjectStore("records", { keyPath: "sequence" });
    db.createObjectStore("attempts", { keyPath: "nonce" });
    db.createObjectStore("undos", { keyPath: "nonce" });
    db.createObjectStore("marks", { keyPath: "key" });
  };
  return done(request);
}

/**
 * Opens the phone's storage.
 * @returns {Promise<Store>}
 */
export async function openStore() {
  const db = await open();
  // Another tab's newer version must not wait for this one.
  db.onversionchange = () => db.close();
  return { load: () => load(db), write: (change) => write(db, change), clear: () => clear(db) };
}

/**
 * @param {IDBDatabase} db
 * @returns {Promise<Kept>}
 */
async function load(db) {
  const tx = db.transaction(STORES, "readonly");
  const meta = tx.objectStore("meta");
  const [keys, values, records, attempts, undos, marks] = await Promise.all([
    done(meta.getAllKeys()),
    done(meta.getAll()),
    done(tx.objectStore("records").getAll()),
    done(tx.objectStore("attempts").getAll()),
    done(tx.objectStore("undos").getAll()),
    done(tx.objectStore("marks").getAll()),
  ]);
  return { meta: Object.fromEntries(keys.map((key, i) => [String(key), values[i]])), records, attempts, undos, marks };
}

/**
 * @param {IDBDatabase} db
 * @param {Change} change
 */
function write(db, change) {
  const tx = db.transaction(STORES, "readwrite", { durability: "strict" });
  const finished = ended(tx);
  try {
    put(tx, change);
  } catch (error) {
    tx.abort();
    finished.catch(() => {});
    throw error;
  }
  return finished;
}

/**
 * @param {IDBTransaction} tx
 * @param {Change} change
 */
function put(tx, change) {
  const meta = tx.objectStore("meta");
  for (const [key, value] of Object.entries(change.meta ?? {})) {
    if (value === undefined) meta.delete(key);
    else meta.put(value, key);
  }
  for (const record of change.records ?? []) tx.objectStore("records").put(record);
  for (const sequence of change.doneRecords ?? []) tx.objectStore("records").delete(sequence);
  for (const attempt of change.attempts ?? []) tx.objectStore("attempts").put(attempt);
  for (const nonce of change.doneAttempts ?? []) tx.objectStore("attempts").delete(nonce);
  for (const undo of change.undos ?? []) tx.objectStore("undos").put(undo);
  for (const nonce of change.doneUndos ?? []) tx.objectStore("undos").delete(nonce);
  for (const mark of change.marks ?? []) tx.objectStore("marks").put(mark);
  if (change.forgetLease) {
    tx.objectStore("marks").delete(IDBKeyRange.bound(`${change.forgetLease}/`, `${change.forgetLease}0`, false, true));
  }
}

/**
 * @param {IDBDatabase} db
 */
function clear(db) {
  const tx = db.transaction(STORES, "readwrite", { durability: "strict" });
  for (const store of STORES) tx.objectStore(store).clear();
  return ended(tx);
}

/**
 * @param {IDBTransaction} tx
 * @returns {Promise<void>}
 */
function ended(tx) {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onerror = () => reject(tx.error ?? new Error("not stored"));
    tx.onabort = () => reject(tx.error ?? new Error("not stored"));
  });
}
