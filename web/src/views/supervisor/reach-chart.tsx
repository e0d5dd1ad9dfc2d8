import { type ReactElement, useId } from "react";
import type { Reach } from "../../api/types";
import { useWords } from "../../ui/app-context";

const WIDTH = 480;
const HEIGHT = 200;
const LEFT = 36;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;
/** The end of planning has no day of its own here: it stands beside the last day. */
const DAY_OF = { day_14: 14, day_28: 28, end: 31 } as const;
const LAST = 32;

/** Reach so far as a line, what is expected as points with their intervals, the promise as a dashed line. */
export function ReachChart({ reach }: { readonly reach: Reach }): ReactElement {
  const { t, locale } = useWords();
  const id = useId();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const highest = Math.max(...reach.by_day, ...reach.expected.map((part) => part.high), reach.promised ?? 0, 0.2);
  const top = Math.min(1, Math.ceil(highest * 5.5) / 5);
  const x = (day: number): number => LEFT + (day / LAST) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => HEIGHT - BOTTOM - (share / top) * (HEIGHT - TOP - BOTTOM);
  const lines = [0, top / 2, top];
  const line = reach.by_day.map((share, day) => `${x(day + 1).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
  const expected = reach.expected.filter((part) => part.low < part.high);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} role="img" aria-labelledby={`${id}-title ${id}-text`}>
        <title id={`${id}-title`}>{t("campaign.reach.chart")}</title>
        <desc id={`${id}-text`}>{reach.text.join(" ")}</desc>
        {lines.map((share) => (
          <g key={share}>
            <line className="chart__grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} />
            <text className="chart__text" x={LEFT - 6} y={y(share) + 4} textAnchor="end">
              {percent.format(share)}
            </text>
          </g>
        ))}
        {[0, 7, 14, 21, 28].map((day) => (
          <text key={day} className="chart__text" x={x(day)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
            {day}
          </text>
        ))}
        <text className="chart__text" x={x(DAY_OF.end)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
          {t("campaign.reach.end")}
        </text>
        <text className="chart__text" x={x(14)} y={HEIGHT - 3} textAnchor="middle">
          {t("campaign.reach.axis")}
        </text>
        {reach.promised !== null && (
          <g>
            <line className="chart__promise" x1={LEFT} x2={WIDTH - RIGHT} y1={y(reach.promised)} y2={y(reach.promised)} />
            <text className="chart__text" x={LEFT + 6} y={y(reach.promised) + (reach.promised > 0.93 * top ? 14 : -5)}>
              {t("campaign.reach.promised")}
            </text>
          </g>
        )}
        {line !== "" && <polyline className="chart__line" points={`${x(0).toFixed(1)},${y(0).toFixed(1)} ${line}`} />}
        {expected.map((part) => (
          <g key={part.until}>
            <line className="chart__range" x1={x(DAY_OF[part.until])} x2={x(DAY_OF[part.until])} y1={y(part.low)} y2={y(part.high)} />
            <circle className="chart__point" cx={x(DAY_OF[part.until])} cy={y(part.reach)} r="4" />
          </g>
        ))}
      </svg>
      <figcaption className="row row--tight muted">
        <span className="chart__key chart__key--line">{t("campaign.reach.so-far")}</span>
        {expected.length > 0 && <span className="chart__key chart__key--point">{t("campaign.reach.expected")}</span>}
      </figcaption>
    </figure>
  );
}
