import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import { type ColleaguesModel, mayCall, speaks } from "../../state/colleagues";
import type { Desk } from "../../state/desk";
import { useWords } from "../../ui/app-context";
import { Badge, Button, Elapsed, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

const [ASK, LEAVE] = ["K", "O"] as const;

/** A call with a colleague, out of a conversation: asked for, coming in, going on, or how it ended. */
export function ColleagueBar({ desk, agent }: { readonly desk: Desk; readonly agent: Agent }): ReactElement {
  const model = desk.colleagues;
  const { busy, error } = useStore(model.acting);
  const open = useStore(model.open);
  const call = agent.colleague_call;
  const going = speaks(call);
  const asked = call?.state === "ringing" && call.incoming;
  useKeys((key) => {
    if (busy) return false;
    if (key === ASK.toLowerCase() && asked) void model.step("accept");
    else if (key === ASK.toLowerCase() && mayCall(agent)) model.toggle();
    else if (key === LEAVE.toLowerCase() && going) void model.step(asked ? "refuse" : "end");
    else return false;
    return true;
  });
  return (
    <div className="stack" aria-live="polite">
      {call !== null && <Going call={call} model={model} busy={busy} />}
      {!going && <ErrorNotice error={error} />}
      {mayCall(agent) && <Ask desk={desk} open={open} agent={agent} />}
    </div>
  );
}

interface GoingProps {
  readonly call: NonNullable<Agent["colleague_call"]>;
  readonly model: ColleaguesModel;
  readonly busy: boolean;
}

function Going({ call, model, busy }: GoingProps): ReactElement | null {
  const { t } = useWords();
  const { error } = useStore(model.acting);
  const name = call.name === "" ? t("colleague.somebody") : call.name;
  if (call.state === "over") {
    if (call.why === "" || call.why === "spoken" || call.why === "cancelled") return null;
    return <Notice tone="warn">{t(`colleague.why.${call.why}`, { name })}</Notice>;
  }
  const asked = call.state === "ringing" && call.incoming;
  return (
    <Notice tone={call.state === "talking" ? "good" : "info"} live={asked ? "assertive" : "polite"}>
      <div className="row row--between">
        <span>
          {t(asked ? "colleague.asks" : `colleague.state.${call.state}`, { name })} <Elapsed since={call.since} />
        </span>
        <span className="row">
          {asked && (
            <Button look="primary" icon="phone" hotkey={ASK} isDisabled={busy} onPress={() => void model.step("accept")}>
              {t("colleague.accept")}
            </Button>
          )}
          <Button look={asked ? "secondary" : "danger"} icon="hangup" hotkey={LEAVE} isDisabled={busy} onPress={() => void model.step(asked ? "refuse" : "end")}>
            {t(asked ? "colleague.refuse" : "colleague.end")}
          </Button>
        </span>
      </div>
      <ErrorNotice error={error} />
    </Notice>
  );
}

interface AskProps {
  readonly desk: Desk;
  readonly open: boolean;
  readonly agent: Agent;
}

/** Whom to ask, and the supervisors beside them. */
function Ask({ desk, open, agent }: AskProps): ReactElement {
  const { t } = useWords();
  const model = desk.colleagues;
  const { data, error } = useStore(model.list);
  const { busy } = useStore(model.acting);
  return (
    <>
      <div className="row">
        <Button size="small" icon="phone" hotkey={ASK} aria-expanded={open} isDisabled={busy} onPress={model.toggle}>
          {t("colleague.ask")}
        </Button>
      </div>
      {open && (
        <Panel title={t("colleague.title")}>
          <p className="muted">{t("colleague.intro")}</p>
          {data === null && error === null && <p className="muted">{t("app.loading")}</p>}
          <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
          {data?.length === 0 && <p>{t("colleague.nobody")}</p>}
          <ul className="lines">
            {(data ?? []).map(({ user, name, state }) => (
              <li key={user} className="line">
                <span>
                  <strong>{name}</strong> <Badge tone={state === "available" ? "good" : "plain"}>{t(`duty.${state}`)}</Badge>
                </span>
                <Button size="small" look="primary" icon="phone" isDisabled={busy} aria-label={t("colleague.call.of", { name })} onPress={() => void model.call(user)}>
                  {t("colleague.call")}
                </Button>
              </li>
            ))}
          </ul>
          <Supervisors desk={desk} asked={agent.help_since !== null} />
        </Panel>
      )}
    </>
  );
}

function Supervisors({ desk, asked }: { readonly desk: Desk; readonly asked: boolean }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(desk.duty);
  if (asked) return <p>{t("duty.crisis.asked")}</p>;
  return (
    <div className="row">
      <Button size="small" isDisabled={busy} onPress={() => void desk.askHelp()}>
        {t("colleague.supervisor")}
      </Button>
    </div>
  );
}
