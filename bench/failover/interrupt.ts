/**
 * Ends what was started when this program is told to end. The returned function takes that back.
 */
export function onInterrupt(end: () => Promise<void>): () => void {
  const act = () => {
    void end().finally(() => process.exit(1));
  };
  process.once('SIGINT', act);
  process.once('SIGTERM', act);
  return () => {
    process.off('SIGINT', act);
    process.off('SIGTERM', act);
  };
}
