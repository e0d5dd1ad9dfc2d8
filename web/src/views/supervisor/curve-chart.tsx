import { type ReactElement, useId } from "react";
import { useWords } from "../../ui/app-context";

const WIDTH = 480;
const HEIGHT = 220;
const LEFT = 40;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 36;
const STEPS = [0, 0.5, 1];

/** How a line looks: what was learned, another part of it, what was thought before. */
export type CurveLook = "line" | "second" | "third" | "before";

interface Curve {
  readonly name: string;
  readonly look: CurveLook;
  /** Shares from 0 to 1, one for each place of the axis. */
  readonly shares: readonly number[];
}

interface CurveChartProps {
  readonly title: string;
  /** What the lines say, for whoever does not see them. */
  readonly text: string;
  readonly axis: string;
  /** Seconds. */
  readonly places: readonly number[];
  readonly ticks: readonly number[];
  readonly curves: readonly Curve[];
}

/** Shares over seconds, as lines. */
export function CurveChart({ title, text, axis, places, ticks, curves }: CurveChartProps): ReactElement {
  const { locale } = useWords();
  const id = useId();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const last = places.at(-1) ?? 1;
  const highest = Math.max(0.1, ...curves.flatMap(({ shares }) => shares));
  const top = Math.min(1, Math.ceil(highest * 10) / 10);
  const x = (second: number): number => LEFT + (second / last) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => HEIGHT - BOTTOM - (share / top) * (HEIGHT - TOP - BOTTOM);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} role="img" aria-labelledby={`${id}-title ${id}-text`}>
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-text`}>{text}</desc>
        {STEPS.map((step) => (
          <g key={step}>
            <line className="chart__grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(step * top)} y2={y(step * top)} />
            <text className="chart__text" x={LEFT - 6} y={y(step * top) + 4} textAnchor="end">
              {percent.format(step * top)}
            </text>
          </g>
        ))}
        {ticks.map((second) => (
          <text key={second} className="chart__text" x={x(second)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
            {second}
          </text>
        ))}
        <text className="chart__text" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 4} textAnchor="middle">
          {axis}
        </text>
        {curves.map(({ name, look, shares }) => (
          <polyline key={name} className={`chart__curve chart__curve--${look}`} points={shares.map((share, place) => `${x(places[place] ?? last).toFixed(1)},${y(share).toFixed(1)}`).join(" ")} />
        ))}
      </svg>
      <figcaption className="row row--tight muted">
        {curves.map(({ name, look }) => (
          <span key={name} className={`chart__key chart__key--curve chart__key--${look}`}>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
