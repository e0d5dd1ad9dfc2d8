import { startTransition, useEffect, useState } from "react";

/** A page that nobody looks at draws no frames: what waits for one comes after this all the same. */
const UNSEEN_MS = 250;

/** False until what was drawn first is on the screen; what follows is then made in pieces that let the browser draw. */
export function useAfterPaint(): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    const done = (): void => startTransition(() => setPainted(true));
    let timer = setTimeout(done, UNSEEN_MS);
    const frame = requestAnimationFrame(() => {
      // This comes before the frame is drawn; the next turn is after it.
      clearTimeout(timer);
      timer = setTimeout(done);
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return painted;
}
