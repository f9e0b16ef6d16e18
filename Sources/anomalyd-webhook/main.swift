import Glibc

exit(WebhookProgram.run(Array(CommandLine.arguments.dropFirst())))
