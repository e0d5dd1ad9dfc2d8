/** From samples of a microphone to what a level meter shows. Pure. */

/** Quieter than this is a muted or dead microphone, or an empty room; speech into a headset is far above it. */
export const HEARD_ABOVE = 0.15;

const FLOOR_DB = -60;

/** Loudness of samples from -1 to 1, as 0 (60 dB below full scale, or less) to 1. Equal steps sound equal. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / FLOOR_DB));
}
