import { type ReactElement, useState } from "react";
import { useApp, useWords } from "../ui/app-context";
import { DialogFrame } from "../ui/dialog-frame";
import { TextInput } from "../ui/fields";
import { Button, ErrorNotice, Notice } from "../ui/parts";
import { useStore } from "../ui/use-store";

const SHORTEST = 12;

/** My own password; what is typed lives here only. */
export function PasswordButton(): ReactElement {
  const { t } = useWords();
  return (
    <DialogFrame
      title={t("password.title")}
      trigger={
        <Button icon="lock" look="quiet">
          {t("password.title")}
        </Button>
      }
    >
      {(close) => <PasswordForm close={close} />}
    </DialogFrame>
  );
}

function PasswordForm({ close }: { readonly close: () => void }): ReactElement {
  const { session } = useApp();
  const { t } = useWords();
  const { error } = useStore(session.changingPassword);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [done, setDone] = useState(false);
  const refused = error?.code === "sign-in-refused";
  const ready = current !== "" && next.length >= SHORTEST && next === again;
  if (done)
    return (
      <div className="stack">
        <Notice tone="good" live="polite">
          {t("password.done")}
        </Notice>
        <div className="row row--end">
          {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the button that had the focus is gone */}
          <Button look="primary" autoFocus onPress={close}>
            OK
          </Button>
        </div>
      </div>
    );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void session.changePassword(current, next).then(setDone);
      }}
    >
      <TextInput type="password" label={t("password.current")} value={current} onChange={setCurrent} autoComplete="current-password" focusFirst {...(refused ? { error: t("password.wrong") } : {})} />
      <TextInput type="password" label={t("password.new")} hint={t("password.hint")} value={next} onChange={setNext} autoComplete="new-password" />
      <TextInput
        type="password"
        label={t("password.again")}
        value={again}
        onChange={setAgain}
        autoComplete="new-password"
        {...(again.length >= next.length && again !== next ? { error: t("password.differs") } : {})}
      />
      <ErrorNotice error={refused ? null : error} />
      <div className="row row--end">
        <Button look="quiet" onPress={close}>
          {t("app.cancel")}
        </Button>
        {/* Not disabled while it is sent: the focus would be gone, and with it Escape. A second press does nothing. */}
        <Button look="primary" type="submit" isDisabled={!ready}>
          {t("password.title")}
        </Button>
      </div>
    </form>
  );
}
