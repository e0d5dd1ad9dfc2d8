import { useEffect, useState } from "react";
import { useApp } from "./app-context";

/** The service's wall clock in unix seconds, once a second while the component shows. */
export function useNow(): number {
  const { client } = useApp();
  const [now, setNow] = useState(() => client.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(client.now()), 1000);
    return () => clearInterval(timer);
  }, [client]);
  return now;
}
