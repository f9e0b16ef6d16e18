import Glibc

let program = Program(commands: [
  .status,
  .metrics,
  .show,
])
exit(program.run(Array(CommandLine.arguments.dropFirst()), console: .ofProcess()))
