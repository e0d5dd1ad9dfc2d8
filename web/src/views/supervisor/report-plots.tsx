import { type ReactElement, useId } from "react";
import type { ReportSection } from "../../api/types";
import { figureText, heatOf, plotted, pointsOf, topOf } from "../../domain/report-work";
import { useWords } from "../../ui/app-context";

const WIDTH = 480;
const HEIGHT = 180;
const LEFT = 44;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 28;
const BAR = 22;
const MOST_BARS = 12;
const MOST_TICKS = 8;

interface PlotProps {
  readonly section: ReportSection;
}

/** The plot of a section. Every figure in it stands in the table beside it too. */
export function SectionPlot({ section }: PlotProps): ReactElement | null {
  if (!plotted(section)) return null;
  if (section.plot === "bars") return <Bars section={section} />;
  if (section.plot === "line") return <Line section={section} />;
  return section.plot === "heat" ? <HeatMap section={section} /> : null;
}

function nameOf(section: ReportSection): string {
  return section.figures.find(({ key }) => key === section.plotted)?.label ?? "";
}

/** The share of each row, the first dozen. */
function Bars({ section }: PlotProps): ReactElement {
  const { locale } = useWords();
  const id = useId();
  const shown = section.rows.slice(0, MOST_BARS).map(({ key, label, values }) => ({ key, label, share: values[section.plotted] ?? null }));
  const top = topOf(shown.flatMap(({ share }) => share ?? []));
  const middle = 210;
  const height = shown.length * BAR + 4;
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(height)}`} role="img" aria-labelledby={`${id}-title`}>
        <title id={`${id}-title`}>{`${section.title}: ${nameOf(section)}`}</title>
        {shown.map(({ key, label, share }, n) => (
          <g key={key}>
            <text className="chart__text" x={middle - 8} y={n * BAR + 16} textAnchor="end">
              {label.length > 28 ? `${label.slice(0, 27)}…` : label}
            </text>
            <rect className="meter__share" x={middle} y={n * BAR + 4} height={BAR - 7} width={((share ?? 0) / top) * (WIDTH - middle - 56)} />
            <text className="chart__text" x={middle + ((share ?? 0) / top) * (WIDTH - middle - 56) + 6} y={n * BAR + 16}>
              {figureText("share", share, locale)}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}

/** The share over the weeks. */
function Line({ section }: PlotProps): ReactElement {
  const { locale } = useWords();
  const id = useId();
  const points = pointsOf(section.rows, section.plotted);
  const top = topOf(points.map(({ share }) => share));
  const x = (at: number): number => LEFT + at * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => HEIGHT - BOTTOM - (share / top) * (HEIGHT - TOP - BOTTOM);
  const every = Math.ceil(points.length / MOST_TICKS);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} role="img" aria-labelledby={`${id}-title`}>
        <title id={`${id}-title`}>{`${section.title}: ${nameOf(section)}`}</title>
        {[0, top / 2, top].map((share) => (
          <g key={share}>
            <line className="chart__grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} />
            <text className="chart__text" x={LEFT - 6} y={y(share) + 4} textAnchor="end">
              {figureText("share", share, locale)}
            </text>
          </g>
        ))}
        <polyline className="chart__line" points={points.map(({ at, share }) => `${x(at).toFixed(1)},${y(share).toFixed(1)}`).join(" ")} />
        {points.map(({ at, share, label }, n) => (
          <g key={label}>
            <circle className="chart__point" cx={x(at)} cy={y(share)} r={4} />
            {n % every === 0 && (
              <text className="chart__text" x={x(at)} y={HEIGHT - 8} textAnchor={at === 0 ? "start" : at === 1 ? "end" : "middle"}>
                {label}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption className="muted">{nameOf(section)}</figcaption>
    </figure>
  );
}

/** Weekdays by hours: the deeper the colour, the higher the share, which stands in the cell. */
function HeatMap({ section }: PlotProps): ReactElement {
  const { t, locale } = useWords();
  const heat = heatOf(section.rows, section.plotted);
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the box can be scrolled by keyboard too
    <div className="table-box" role="group" aria-label={t("work.heat", { title: section.title })} tabIndex={0}>
      <table className="heat">
        <caption className="muted">{nameOf(section)}</caption>
        <thead>
          <tr>
            <td />
            {heat.hours.map((hour) => (
              <th key={hour} scope="col">
                {hour}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {heat.days.map(({ day, cells }) => (
            <tr key={day}>
              {/* 1 January 2024 was a Monday. */}
              <th scope="row">{weekday.format(new Date(Date.UTC(2024, 0, day)))}</th>
              {cells.map(({ row, level }, n) => {
                const share = row?.values[section.plotted];
                return (
                  <td key={heat.hours[n]} className={`heat__cell heat__cell--${String(level)}`}>
                    {share == null ? <span className="muted">·</span> : percent.format(share)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
