import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import { offered } from "../../domain/pauses";
import type { AgentHand } from "../../state/floor";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Button } from "../../ui/parts";
import { usePauses, usePauseWord } from "../../ui/use-pauses";
import { useStore } from "../../ui/use-store";

/** A supervisor's hand on one agent: a few words, a pause, the end of duty; each with a reason, each after the call. */
export function AgentActions({ agent, hand }: { readonly agent: Agent; readonly hand: AgentHand }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(hand.state);
  const { name, user } = agent;
  const word = usePauseWord();
  const reasons = { label: t("floor.force.why"), options: offered(usePauses()).map(({ code }) => ({ id: code, label: word(code) })) };
  return (
    <span className="row row--tight row--nowrap">
      <Ask
        trigger={
          <Button size="small" aria-label={t("floor.message.of", { name })}>
            {t("floor.message")}
          </Button>
        }
        title={t("floor.message.of", { name })}
        text={t("floor.message.text")}
        confirm={t("floor.message.send")}
        look="primary"
        action={hand.state}
        field={{ label: t("floor.message.words"), hint: t("floor.message.hint"), min: 1 }}
        onConfirm={(words) => hand.send(user, words)}
      />
      {agent.state === "paused" || agent.wish !== "" ? (
        <Button size="small" isDisabled={busy} onPress={() => void hand.force(user, "resume")}>
          {t("floor.force.resume")}
        </Button>
      ) : (
        <Ask
          trigger={<Button size="small">{t("floor.force.pause")}</Button>}
          title={t("floor.force.pause.of", { name })}
          text={t("floor.force.text")}
          confirm={t("floor.force.pause")}
          look="primary"
          action={hand.state}
          choice={reasons}
          onConfirm={(_, reason) => hand.force(user, "pause", reason)}
        />
      )}
      <Ask
        trigger={
          <Button size="small" look="quiet" isDisabled={agent.wish === "off_duty"}>
            {t("floor.force.off")}
          </Button>
        }
        title={t("floor.force.off.of", { name })}
        text={t("floor.force.text")}
        confirm={t("floor.force.off")}
        action={hand.state}
        choice={reasons}
        onConfirm={(_, reason) => hand.force(user, "off", reason)}
      />
    </span>
  );
}
