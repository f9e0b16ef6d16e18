import Glibc

let program = Program(commands: [
  .status,
  .metrics,
  .show,
  .tap,
  .inputs,
  .inputsTest,
  .send,
  .outputs,
  .outputsTest,
  .backtest,
  .nab,
])
exit(program.run(Array(CommandLine.arguments.dropFirst()), console: .ofProcess()))
