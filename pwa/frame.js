/**
 * Where things lie: from the white frame on the screen to the camera's picture, of which the viewfinder shows the middle
 * (`object-fit: cover`), and to the part of it that is read. Pure.
 *
 * Only a code whose centre lies in the frame is meant: the papers beside it are somebody else's.
 * @module
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ x: number, y: number }} Spot */
/** @typedef {{ text: string } & Spot} Sighting A code and its centre. */

/**
 * How far around the frame is read, in parts of the frame: a code as large as the frame, whose centre lies on the frame's edge, is
 * read whole. A code that is not read can't be seen to be the second one.
 */
const MARGIN = 0.5;
/** Pixels that are read at most: as many as a whole picture of the camera that is asked for. */
const PIXELS_MAX = 1280 * 720;

/**
 * What two boxes share.
 * @param {Box} one
 * @param {Box} other
 * @returns {Box | null}
 */
function overlap(one, other) {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/**
 * The frame in pixels of the camera's picture.
 * @param {{ width: number, height: number }} picture The picture's own size.
 * @param {Box} finder The viewfinder on the screen, which the picture covers.
 * @param {Box} frame The frame on the screen; what of it lies outside the viewfinder is not seen.
 * @returns {Box | null} Nothing when no part of it is seen.
 */
export function frameInPicture(picture, finder, frame) {
  const seen = overlap(frame, finder);
  if (!seen || picture.width <= 0 || picture.height <= 0) return null;
  const scale = Math.max(finder.width / picture.width, finder.height / picture.height);
  const left = finder.x + (finder.width - picture.width * scale) / 2;
  const top = finder.y + (finder.height - picture.height * scale) / 2;
  return { x: (seen.x - left) / scale, y: (seen.y - top) / scale, width: seen.width / scale, height: seen.height / scale };
}

/**
 * The part of the picture to be read for the codes in the frame, and how large it is drawn for that.
 * @param {{ width: number, height: number }} picture
 * @param {Box} frame In pixels of the picture.
 * @returns {{ cut: Box, width: number, height: number }}
 */
export function toRead(picture, frame) {
  const wide = {
    x: frame.x - frame.width * MARGIN,
    y: frame.y - frame.height * MARGIN,
    width: frame.width * (1 + 2 * MARGIN),
    height: frame.height * (1 + 2 * MARGIN),
  };
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const cut = overlap(wide, whole) ?? whole;
  const x = Math.floor(cut.x);
  const y = Math.floor(cut.y);
  const width = Math.min(picture.width - x, Math.ceil(cut.width));
  const height = Math.min(picture.height - y, Math.ceil(cut.height));
  const smaller = Math.min(1, Math.sqrt(PIXELS_MAX / (width * height)));
  return {
    cut: { x, y, width, height },
    width: Math.max(1, Math.round(width * smaller)),
    height: Math.max(1, Math.round(height * smaller)),
  };
}

/**
 * The texts of the codes whose centre lies in the frame, each once.
 * @param {readonly Sighting[]} codes Their centres in the drawn part.
 * @param {{ cut: Box, width: number, height: number }} part
 * @param {Box} frame In pixels of the picture.
 * @returns {string[]}
 */
export function inFrame(codes, part, frame) {
  const among = codes.filter(({ x, y }) => {
    const right = part.cut.x + (x * part.cut.width) / part.width - frame.x;
    const down = part.cut.y + (y * part.cut.height) / part.height - frame.y;
    return right >= 0 && right <= frame.width && down >= 0 && down <= frame.height;
  });
  return [...new Set(among.map(({ text }) => text))];
}

/**
 * The centre of a code as a detector of the web's standard tells it.
 * @param {{ cornerPoints?: readonly Spot[], boundingBox?: Box }} code
 * @returns {Spot | null}
 */
export function centreOf({ cornerPoints: corners, boundingBox: box }) {
  if (corners && corners.length > 0) {
    const mean = (/** @type {"x" | "y"} */ axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
    return { x: mean("x"), y: mean("y") };
  }
  return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : null;
}
