// What the service worker uses of its world; the DOM's types know only the page's side.

interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetched extends Waits {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

export interface Worker {
  addEventListener(name: "install" | "activate", heard: (event: Waits) => void): void;
  addEventListener(name: "fetch", heard: (event: Fetched) => void): void;
  clients: { claim(): Promise<void> };
}

declare global {
  /** Written in front of `sw.js` by the server. */
  const APP: { version: string; kept: string[]; reader: string[] };
}
