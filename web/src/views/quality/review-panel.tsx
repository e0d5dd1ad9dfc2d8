import type { ReactElement, ReactNode } from "react";
import type { Review } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { useWords } from "../../ui/app-context";
import { Badge, Notice, Panel } from "../../ui/parts";
import type { Outcomes } from "../supervisor/use-outcomes";

interface ReviewPanelProps {
  readonly review: Review;
  readonly mine: boolean;
  readonly outcomes: Outcomes;
  readonly children?: ReactNode;
}

/** What one side found. */
export function ReviewPanel({ review, mine, outcomes, children }: ReviewPanelProps): ReactElement {
  const { t, locale } = useWords();
  const title = t(mine ? "quality.review.mine" : `quality.review.${review.side}`);
  return (
    <Panel title={title} aside={<Badge tone="accent">{review.score === null ? t("quality.noScore") : t("quality.of100", { score: review.score })}</Badge>}>
      <p className="muted">{[review.by, dateTime(review.at, locale)].filter((part) => part !== "").join(" · ")}</p>
      <ReviewPoints review={review} />
      {review.right_outcome ? (
        <p>{t("quality.right.yes")}</p>
      ) : (
        <Notice tone={review.correction === "refused" ? "bad" : "info"}>
          {t(`quality.correction.${review.correction}`, { outcome: outcomes.label(review.wanted ?? "") })} {review.reason}
        </Notice>
      )}
      {children}
    </Panel>
  );
}

/** Each point with what was given for it. */
export function ReviewPoints({ review }: { readonly review: Review }): ReactElement {
  const { t } = useWords();
  return (
    <ul className="lines">
      {review.card.criteria.map((criterion) => {
        const given = review.points[criterion.code] ?? null;
        return (
          <li key={criterion.code} className="line">
            <span>{criterion.label}</span>
            <Badge tone={given === 2 ? "good" : given === 1 ? "warn" : given === 0 ? "bad" : "plain"}>{t(`quality.given.${given === null ? "none" : (String(given) as "0" | "1" | "2")}`)}</Badge>
          </li>
        );
      })}
    </ul>
  );
}
