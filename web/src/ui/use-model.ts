import { useState } from "react";

/** A view model that lives as long as the component; give the component a `key` when it is about something else. */
export function useModel<T>(make: () => T): T {
  return useState(make)[0];
}
