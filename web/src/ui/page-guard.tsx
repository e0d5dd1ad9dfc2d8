import { Component, type ReactNode } from "react";

interface Props {
  /** The address: another one is tried anew. */
  readonly at: string;
  readonly children: ReactNode;
  /** What stands there instead. */
  readonly failed: ReactNode;
}

/** A page that cannot be loaded or drawn leaves the menu, the phone and a call alone. React has no hook for it. */
export class PageGuard extends Component<Props, { readonly down: boolean }> {
  override readonly state = { down: false };

  static getDerivedStateFromError(): { down: boolean } {
    return { down: true };
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.down && before.at !== this.props.at) this.setState({ down: false });
  }

  override render(): ReactNode {
    return this.state.down ? this.props.failed : this.props.children;
  }
}
