// Keeps a page up to date: asks again and again, slower when it fails, not at all while nobody looks.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { SignedOut, Unreachable } from "./api";

export interface Polled<T> { value: T | null; error: Error | null; lost: boolean; refresh: () => void }

const SLOWEST_MS = 30_000;

export function usePoll<T>(load: () => Promise<T>, everyMs: number, key: string): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef({ load, everyMs });
  latest.current = { load, everyMs };

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    let failures = 0;
    const again = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const got = await latest.current.load();
        if (over) return;
        failures = 0;
        setValue(got);
        setError(null);
      } catch (problem) {
        if (over) return;
        failures += 1;
        setError(problem instanceof Error ? problem : new Error(String(problem)));
        if (problem instanceof SignedOut) return;
      }
      clearTimeout(timer);
      timer = setTimeout(again, Math.min(SLOWEST_MS, latest.current.everyMs * 2 ** failures));
    };
    const seen = (): void => {
      clearTimeout(timer);
      if (!document.hidden) void again();
    };
    document.addEventListener("visibilitychange", seen);
    addEventListener("online", seen);
    void again();
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", seen);
    };
  }, [key, round]);

  const refresh = useCallback(() => setRound((count) => count + 1), []);
  return { value, error, lost: error instanceof Unreachable, refresh };
}

/** The time, every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
