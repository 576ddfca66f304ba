/**
 * The camera: its picture, its light, its zoom, and the codes seen in the white frame. Frames are skipped while one is being read.
 * @module
 */
import { frameInPicture, inFrame, toRead } from "./frame.js";

/** Between two frames, in ms: more would only warm the phone. */
const PACE_MS = 70;
/** Between two stills sent to the server, in ms. */
const STILL_MS = 700;

/**
 * @typedef {"denied" | "missing" | "busy" | "insecure" | "broken"} CameraTrouble
 */

/** @param {unknown} error @returns {CameraTrouble} */
function troubleOf(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "broken";
}

export class Camera {
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #reading = false;
  /** What is being read, and where the white frame was then. @type {{ part: ReturnType<typeof toRead>, frame: import("./frame.js").Box } | null} */
  #part = null;
  /** Whether the next still is worth sending at once. */
  #soon = false;
  /** How frames are read; `starting` until that is known. @type {"starting" | "native" | "ponyfill" | "server"} */
  kind = "starting";

  /**
   * @param {HTMLVideoElement} video Fills the viewfinder (`object-fit: cover`).
   * @param {HTMLElement} frame The white frame over it.
   * @param {(codes: string[]) => boolean} seen Told of each reading: the codes in the frame, or none. Answers whether another look
   *   is wanted at once.
   * @param {() => boolean} wanted Whether a frame is worth reading now.
   * @param {(still: Blob) => Promise<import("./frame.js").Sighting[]>} askServer
   */
  constructor(video, frame, seen, wanted, askServer) {
    this.video = video;
    this.frame = frame;
    this.seen = seen;
    this.wanted = wanted;
    this.askServer = askServer;
  }

  /**
   * Opens a camera; the one at the back when none was chosen.
   * @param {string | null} deviceId
   * @returns {Promise<CameraTrouble | null>} What stands in the way.
   */
  async start(deviceId) {
    this.#stopStream();
    if (!navigator.mediaDevices) return "insecure";
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
    } catch (error) {
      // A camera that was chosen once may be gone.
      if (deviceId && troubleOf(error) === "missing") return this.start(null);
      return troubleOf(error);
    }
    this.video.srcObject = this.#stream;
    await this.video.play().catch(() => {});
    this.#startReader();
    this.#next(0);
    return null;
  }

  #startReader() {
    if (this.#worker || this.kind === "server") return;
    try {
      this.#worker = new Worker(new URL("reader.js", import.meta.url), { type: "module" });
    } catch {
      this.kind = "server";
      return;
    }
    this.#worker.onmessage = ({ data }) => this.#heard(data);
    this.#worker.onerror = () => this.#heard({ kind: "none" });
  }

  /** @param {{ kind?: "native" | "ponyfill" | "none", codes?: import("./frame.js").Sighting[] }} data */
  #heard(data) {
    if (data.kind) {
      this.kind = data.kind === "none" ? "server" : data.kind;
      if (data.kind === "none") {
        this.#worker?.terminate();
        this.#worker = null;
        this.#reading = false;
      }
      return;
    }
    this.#tell(data.codes ?? []);
  }

  /** @param {import("./frame.js").Sighting[]} codes What the part that was read shows. */
  #tell(codes) {
    const read = this.#part;
    this.#reading = false;
    this.#part = null;
    this.#soon = read !== null && this.wanted() && this.seen(inFrame(codes, read.part, read.frame));
  }

  /** @param {number} ms */
  #next(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#frame(), ms);
  }

  async #frame() {
    if (!this.#stream) return;
    const ready = this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && this.video.videoWidth > 0;
    if (ready && !this.#reading && !document.hidden && this.kind !== "starting" && this.wanted()) {
      this.#part = this.#look();
      this.#reading = this.#part !== null;
      try {
        if (this.#part && this.kind === "server") await this.#still(this.#part.part);
        else if (this.#part) await this.#toWorker(this.#part.part);
      } catch {
        this.#reading = false;
        this.#soon = false;
      }
    }
    this.#next(this.kind === "server" && !this.#soon ? STILL_MS : PACE_MS);
  }

  /** What is to be read of the picture, as frame and viewfinder lie on the screen now. */
  #look() {
    const picture = { width: this.video.videoWidth, height: this.video.videoHeight };
    const frame = frameInPicture(picture, this.video.getBoundingClientRect(), this.frame.getBoundingClientRect());
    return frame && { part: toRead(picture, frame), frame };
  }

  /** @param {ReturnType<typeof toRead>} part */
  async #toWorker({ cut, width, height }) {
    const how = { resizeWidth: width, resizeHeight: height };
    const frame = await createImageBitmap(this.video, cut.x, cut.y, cut.width, cut.height, how);
    this.#worker?.postMessage({ frame }, [frame]);
  }

  /** @param {ReturnType<typeof toRead>} part */
  async #still({ cut, width, height }) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")?.drawImage(this.video, cut.x, cut.y, cut.width, cut.height, 0, 0, width, height);
    const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ drawn) => canvas.toBlob(drawn, "image/jpeg", 0.7));
    this.#tell(blob ? await this.askServer(blob) : []);
  }

  /** The cameras to choose from; named once one was allowed. */
  async choices() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return all.filter((device) => device.kind === "videoinput").map(({ deviceId, label }) => ({ deviceId, label }));
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /** What this camera can do. */
  abilities() {
    const can = /** @type {any} */ (this.#track?.getCapabilities?.() ?? {});
    const zoom = can.zoom && can.zoom.max > can.zoom.min ? { min: can.zoom.min, max: can.zoom.max } : null;
    return { torch: can.torch === true, zoom, deviceId: this.#track?.getSettings().deviceId ?? null };
  }

  /** @param {boolean} on */
  torch(on) {
    return this.#apply({ torch: on });
  }

  /** @param {number} value */
  zoom(value) {
    return this.#apply({ zoom: value });
  }

  /** @param {Record<string, unknown>} constraint */
  async #apply(constraint) {
    try {
      await this.#track?.applyConstraints(/** @type {any} */ ({ advanced: [constraint] }));
      return true;
    } catch {
      return false;
    }
  }

  #stopStream() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  /** Whether its picture still moves: phones take the camera away from a page that was put aside. */
  alive() {
    return this.#track?.readyState === "live";
  }

  stop() {
    clearTimeout(this.#timer);
    this.#stopStream();
    this.video.srcObject = null;
  }
}
