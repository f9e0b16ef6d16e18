import Glibc
import System

// A backtest opens all of its files at once.
DescriptorLimit.raise()

let program = Program(commands: [
  .status,
  .metrics,
  .show,
  .tap,
  .incidents,
  .events,
  .closeEvent,
  .feedback,
  .inputs,
  .inputsTest,
  .configShow,
  .configCheck,
  .configDefault,
  .send,
  .outputs,
  .outputsTest,
  .silenceAdd,
  .silenceList,
  .silenceRemove,
  .train,
  .evaluate,
  .compare,
  .plot,
  .report,
  .synthesize,
  .tune,
  .modelsShow,
  .backtest,
  .nab,
  .completion,
])
exit(program.run(Array(CommandLine.arguments.dropFirst()), console: .ofProcess()))
