import Glibc
import System

// A backtest opens all of its files at the same time.
DescriptorLimit.raise()

exit(Program.anomalyctl.run(Array(CommandLine.arguments.dropFirst()), console: .ofProcess()))
