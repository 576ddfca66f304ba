/**
 * The camera: its picture, its light, its zoom, and the codes seen in it. Frames are skipped while one is being read.
 * @module
 */

const SIZE = 720;
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
  /** How frames are read; `starting` until that is known. @type {"starting" | "native" | "ponyfill" | "server"} */
  kind = "starting";

  /**
   * @param {HTMLVideoElement} video
   * @param {(codes: string[]) => void} seen
   * @param {() => boolean} wanted Whether a frame is worth reading now.
   * @param {(still: Blob) => Promise<string | null>} askServer
   */
  constructor(video, seen, wanted, askServer) {
    this.video = video;
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

  /** @param {{ kind?: "native" | "ponyfill" | "none", codes?: string[] }} data */
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
    this.#reading = false;
    if (data.codes && data.codes.length > 0 && this.wanted()) this.seen(data.codes);
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
      this.#reading = true;
      try {
        if (this.kind === "server") await this.#still();
        else await this.#toWorker();
      } catch {
        this.#reading = false;
      }
    }
    this.#next(this.kind === "server" ? STILL_MS : PACE_MS);
  }

  /** The middle of the picture, as the viewfinder shows it. */
  #middle() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const side = Math.min(width, height);
    return { x: (width - side) / 2, y: (height - side) / 2, side };
  }

  async #toWorker() {
    const { x, y, side } = this.#middle();
    const size = Math.min(SIZE, side);
    const how = { resizeWidth: size, resizeHeight: size };
    const frame = await createImageBitmap(this.video, x, y, side, side, how);
    this.#worker?.postMessage({ frame }, [frame]);
  }

  async #still() {
    const { x, y, side } = this.#middle();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.min(SIZE, side);
    canvas.getContext("2d")?.drawImage(this.video, x, y, side, side, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ drawn) => canvas.toBlob(drawn, "image/jpeg", 0.7));
    const code = blob ? await this.askServer(blob) : null;
    this.#reading = false;
    if (code && this.wanted()) this.seen([code]);
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
