import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import type { Desk } from "../../state/desk";
import { Store } from "../../state/store";
import { useWords } from "../../ui/app-context";
import { useStore } from "../../ui/use-store";

const NO_CARD = new Store(null);

/** Tells a screen reader once who is on the line, that it is over, and that the outcome is kept. It is always there: not
 *  every reader reads out a region that comes with its text. Other states are the duty bar's to tell. */
export function DeskAnnouncer({ desk, agent }: { readonly desk: Desk; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const card = useStore(useStore(desk.call)?.card ?? NO_CARD);
  const filed = useStore(desk.filed);
  const told = (): string => {
    if (agent.state === "wrap_up") return t("live.wrap_up");
    if (agent.state !== "talking") return filed === null ? "" : t("live.filed");
    if (card === null) return "";
    if (card.direction === "overflow") return t("live.overflow", { name: card.team });
    const name = [card.salutation, card.name].filter((part) => part !== "").join(" ");
    return t(card.call_back ? "live.callBack" : `live.${card.direction}`, { name: name === "" ? t("card.unknown") : name });
  };
  return (
    <p className="visually-hidden" role="status">
      {told()}
    </p>
  );
}
