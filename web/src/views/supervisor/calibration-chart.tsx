import { type ReactElement, useId } from "react";
import type { Reach } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { useWords } from "../../ui/app-context";

const SIZE = 300;
const LEFT = 36;
const EDGE = 10;
const BOTTOM = 34;

/** Earlier forecasts against what came out: a point on the line was right, an interval that meets the line held it. */
export function CalibrationChart({ earlier }: { readonly earlier: Reach["earlier"] }): ReactElement {
  const { t, code, locale } = useWords();
  const id = useId();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const top = Math.min(1, Math.ceil(Math.max(...earlier.flatMap((one) => [one.high, one.came_out]), 0.2) * 5) / 5);
  const x = (share: number): number => LEFT + (share / top) * (SIZE - LEFT - EDGE);
  const y = (share: number): number => SIZE - BOTTOM - (share / top) * (SIZE - EDGE - BOTTOM);
  const held = (one: Reach["earlier"][number]): boolean => one.low <= one.came_out && one.came_out <= one.high;
  return (
    <figure className="chart chart--square">
      <svg viewBox={`0 0 ${String(SIZE)} ${String(SIZE)}`} role="img" aria-labelledby={`${id}-title`} aria-describedby={`${id}-table`}>
        <title id={`${id}-title`}>{t("calibration.title")}</title>
        {[0, top / 2, top].map((share) => (
          <g key={share}>
            <line className="chart__grid" x1={LEFT} x2={SIZE - EDGE} y1={y(share)} y2={y(share)} />
            <text className="chart__text" x={LEFT - 6} y={y(share) + 4} textAnchor="end">
              {percent.format(share)}
            </text>
            <text className="chart__text" x={x(share)} y={SIZE - BOTTOM + 16} textAnchor={share === top ? "end" : "middle"}>
              {percent.format(share)}
            </text>
          </g>
        ))}
        <text className="chart__text" x={x(top / 2)} y={SIZE - 3} textAnchor="middle">
          {t("calibration.came-out")}
        </text>
        <line className="chart__promise" x1={x(0)} y1={y(0)} x2={x(top)} y2={y(top)} />
        {earlier.map((one) => (
          <g key={`${one.at} ${one.until}`}>
            <line className="chart__range" x1={x(one.came_out)} x2={x(one.came_out)} y1={y(one.low)} y2={y(one.high)} />
            <circle className={held(one) ? "chart__point" : "chart__point chart__point--off"} cx={x(one.came_out)} cy={y(one.reach)} r="4" />
          </g>
        ))}
      </svg>
      <figcaption>
        <details>
          <summary>{t("calibration.table")}</summary>
          <table id={`${id}-table`} className="table">
            <thead>
              <tr>
                <th scope="col">{t("calibration.said")}</th>
                <th scope="col">{t("calibration.until")}</th>
                <th scope="col">{t("calibration.expected")}</th>
                <th scope="col">{t("calibration.came-out")}</th>
              </tr>
            </thead>
            <tbody>
              {earlier.map((one) => (
                <tr key={`${one.at} ${one.until}`}>
                  <td>{dateTime(one.at, locale)}</td>
                  <td>{code("calibration.until", one.until)}</td>
                  <td>{t("calibration.range", { reach: percent.format(one.reach), low: percent.format(one.low), high: percent.format(one.high) })}</td>
                  <td>{percent.format(one.came_out)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </figcaption>
    </figure>
  );
}
