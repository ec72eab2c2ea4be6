/**
 * A run in the status bar, for a reader who does not have its panel in view. A short one is not shown there: what turns is drawn twenty
 * times a second by the cores on which the network runs.
 */
import { ProgressLocation, window, type Progress } from 'vscode';

/** Milliseconds after which a run is not short any more. */
const SHORT = 1000;

/** @returns takes what the run is at */
export function followInStatusBar(name: string, done: Promise<unknown>): (message: string) => void {
  let bar: Progress<{ message?: string }> | null = null;
  let message = name;
  const timer = setTimeout(() => {
    void window.withProgress({ location: ProgressLocation.Window, title: 'Inference Lens' }, (shown) => {
      bar = shown;
      shown.report({ message });
      return done;
    });
  }, SHORT);
  void done.finally(() => clearTimeout(timer));
  return (now) => {
    message = `${name}, ${now}`;
    bar?.report({ message });
  };
}
