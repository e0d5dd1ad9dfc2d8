/** A form in a dialog: what is wrong, a way back, and the button that sends it. It closes when it is done. */

import type { ReactElement, ReactNode } from "react";
import type { ApiError } from "../api/errors";
import { useWords } from "./app-context";
import { Button, ErrorNotice } from "./parts";

interface Props {
  /** Why it was refused. */
  readonly error: ApiError | null;
  /** Whether it can be sent as it stands. */
  readonly ready: boolean;
  /** Of the button that sends it. */
  readonly submit: string;
  readonly look?: "danger" | "primary";
  /** True when done. */
  readonly onSubmit: () => Promise<boolean>;
  readonly close: () => void;
  readonly children: ReactNode;
}

export function DialogForm({ error, ready, submit, look = "primary", onSubmit, close, children }: Props): ReactElement {
  const { t } = useWords();
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void onSubmit().then((done) => done && close());
      }}
    >
      {children}
      <ErrorNotice error={error} />
      <div className="row row--end">
        <Button look="quiet" onPress={close}>
          {t("app.cancel")}
        </Button>
        {/* Not disabled while it is sent: the focus would be gone, and with it Escape. A second press does nothing. */}
        <Button look={look} type="submit" isDisabled={!ready}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
