import { type ReactElement, useEffect, useRef } from "react";
import type { Agent } from "../../api/types";
import { STOPS } from "../../domain/tour";
import { useApp, useWords } from "../../ui/app-context";
import { Button, Notice } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

/** On the desk of somebody new: whether he wants to be shown round. */
export function TourOffer(): ReactElement | null {
  const { practice, tour } = useApp();
  const { t } = useWords();
  const { data } = useStore(practice.mine);
  const place = useStore(tour.place);
  if (data === null || data.tour_seen || place !== null) return null;
  return (
    <Notice tone="info">
      <p>{t("tour.offer")}</p>
      <span className="row">
        <Button size="small" look="primary" onPress={tour.open}>
          {t("tour.begin")}
        </Button>
        <Button size="small" look="quiet" onPress={() => void tour.close()}>
          {t("tour.skip")}
        </Button>
      </span>
    </Notice>
  );
}

/** The tour itself, below the desk. A call goes before it: it waits until the agent's hands are free. */
export function Tour({ agent }: { readonly agent: Agent }): ReactElement | null {
  const { tour } = useApp();
  const place = useStore(tour.place);
  const free = agent.state === "off" || agent.state === "available" || agent.state === "paused";
  if (place === null || !free) return null;
  return <Shown place={place} />;
}

function Shown({ place }: { readonly place: number }): ReactElement | null {
  const { tour } = useApp();
  const { t } = useWords();
  const box = useRef<HTMLElement>(null);
  const stop = STOPS[place];
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    const target = stop?.at === null || stop === undefined ? null : document.querySelector(stop.at);
    target?.classList.add("tour-lit");
    target?.scrollIntoView({ block: "nearest" });
    return () => target?.classList.remove("tour-lit");
  }, [stop]);
  useKeys((key) => {
    if (key === "Escape") void tour.close();
    else if (key === "ArrowRight") tour.go(1);
    else if (key === "ArrowLeft") tour.go(-1);
    else return false;
    return true;
  });
  if (stop === undefined) return null;
  const last = place === STOPS.length - 1;
  return (
    <section className="tour" aria-label={t("tour.title")} tabIndex={-1} ref={box}>
      <div aria-live="polite">
        <p className="muted">{t("tour.step", { step: place + 1, of: STOPS.length })}</p>
        <h2>{t(`tour.${stop.id}.title`)}</h2>
        <p>{t(`tour.${stop.id}.text`)}</p>
      </div>
      <div className="row">
        <Button look="primary" hotkey="→" onPress={() => tour.go(1)}>
          {t(last ? "tour.done" : "tour.next")}
        </Button>
        {place > 0 && (
          <Button hotkey="←" onPress={() => tour.go(-1)}>
            {t("tour.back")}
          </Button>
        )}
        {!last && (
          <Button look="quiet" hotkey="Esc" onPress={() => void tour.close()}>
            {t("tour.skip")}
          </Button>
        )}
      </div>
    </section>
  );
}
