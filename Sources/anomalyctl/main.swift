import Glibc

let program = Program(commands: [])
exit(program.run(Array(CommandLine.arguments.dropFirst()), console: .ofProcess()))
