/** The card in which somebody proves who he is: the brand, and what is in it. */

import type { ReactElement, ReactNode } from "react";
import type { ApiError } from "../../api/errors";
import { useWords } from "../../ui/app-context";
import { Icon, type IconName } from "../../ui/icon";
import { Notice } from "../../ui/parts";

interface FrameProps {
  readonly icon: IconName;
  /** Given: the card is a form. */
  readonly onSubmit?: () => void;
  readonly children: ReactNode;
}

export function LoginFrame({ icon, onSubmit, children }: FrameProps): ReactElement {
  const { t } = useWords();
  const content = (
    <>
      <div className="brand">
        <span className="brand__mark">
          <Icon name={icon} />
        </span>
        {t("app.name")}
      </div>
      {children}
    </>
  );
  return (
    <main className="login" id="content">
      {onSubmit === undefined ? (
        <div className="login__card login__card--wide">{content}</div>
      ) : (
        <form
          className="login__card"
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {content}
        </form>
      )}
    </main>
  );
}

/** Why it did not open, in plain words. `wrong`: what is said where what was typed does not fit. */
export function Refused({ error, isWrong, wrong }: { readonly error: ApiError | null; readonly isWrong: (error: ApiError) => boolean; readonly wrong: string }): ReactElement | null {
  const { t, error: words } = useWords();
  if (error === null) return null;
  return (
    <Notice tone="bad" live="assertive">
      {isWrong(error) ? wrong : error.status === 429 ? t("login.slow") : error.status === 0 ? t("login.unreachable") : words(error)}
    </Notice>
  );
}
