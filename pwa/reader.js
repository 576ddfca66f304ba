/**
 * The worker that reads codes out of frames: with the browser's own `BarcodeDetector`, else with the ponyfill, which is loaded
 * only here and only then. Answers every frame with all codes in it and where their centres lie, so that the page sends the next
 * one when this one is done.
 * @module
 */
import { centreOf } from "./frame.js";

/** @typedef {{ rawValue: string, cornerPoints?: { x: number, y: number }[], boundingBox?: DOMRectReadOnly }} Detected */
/** @typedef {{ detect: (image: ImageBitmap) => Promise<Detected[]> }} Detector */

const FORMATS = ["qr_code"];

/** @returns {Promise<{ kind: "native" | "ponyfill", detector: Detector }>} */
async function make() {
  const native = /** @type {any} */ (globalThis).BarcodeDetector;
  if (native && (await native.getSupportedFormats()).includes("qr_code")) {
    return { kind: "native", detector: new native({ formats: FORMATS }) };
  }
  // Not there in a build made without the package: the import fails, and the page sends stills to the server.
  const address = new URL("ponyfill.js", import.meta.url).href;
  const { BarcodeDetector, prepareZXingModule } = await import(address);
  const overrides = { locateFile: () => new URL("zxing_reader.wasm", import.meta.url).href };
  await prepareZXingModule({ overrides, fireImmediately: true });
  return { kind: "ponyfill", detector: new BarcodeDetector({ formats: FORMATS }) };
}

const making = make().then(
  (made) => {
    postMessage({ kind: made.kind });
    return made.detector;
  },
  (error) => {
    postMessage({ kind: "none", why: String(error) });
    return null;
  },
);

addEventListener("message", async (event) => {
  const detector = await making;
  if (detector === null) return;
  const { frame } = /** @type {MessageEvent<{ frame: ImageBitmap }>} */ (event).data;
  try {
    const codes = await detector.detect(frame);
    // A code that nobody can place is nobody's: it could lie outside the frame.
    const placed = codes.flatMap((code) => {
      const centre = centreOf(code);
      return centre ? [{ text: code.rawValue, ...centre }] : [];
    });
    postMessage({ codes: placed });
  } catch {
    // A frame that can't be read is a frame without a code.
    postMessage({ codes: [] });
  } finally {
    frame.close();
  }
});
