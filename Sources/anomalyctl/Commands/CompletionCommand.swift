import CommandLine

extension Command {
  /// `anomalyctl completion`.
  package static let completion = Command(
    Usage(
      command: "anomalyctl completion",
      summary: "Print a shell completion script",
      details: """
        Completes commands, options, and the names of metrics, incidents, events, silences, inputs \
        and outputs, which come from the running daemon. Packages install the scripts.
        """,
      arguments: [.init("SHELL", help: "bash, zsh or fish")],
      examples: [
        .init("source <(anomalyctl completion bash)", "In this shell."),
        .init(
          "anomalyctl completion fish > ~/.config/fish/completions/anomalyctl.fish",
          "In every fish of this user."),
      ]
    )
  ) { arguments, console in
    let name = arguments.positional[0]
    guard let shell = CompletionShell(rawValue: name) else {
      let known = CompletionShell.allCases.map(\.rawValue)
      throw UsageError.invalidValue(
        of: "SHELL", value: name, expected: known.joined(separator: ", "),
        suggestion: NearMiss.of(name, among: known))
    }
    try console.write(shell.script)
  }
}

/// A shell whose command lines can be completed. The scripts only pass the words on to `anomalyctl
/// complete`, so that all three follow the same table of commands.
private enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish

  var script: String {
    switch self {
    case .bash:
      """
      # bash completion of anomalyctl
      _anomalyctl() {
        # Bash ends words at = and : also within names of metrics, and replaces only what follows them.
        local lines words line=${COMP_LINE:0:COMP_POINT}
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=("")
        local word=${words[-1]}
        mapfile -t lines < <(anomalyctl complete -- "${words[@]:1}" 2>/dev/null)
        COMPREPLY=()
        if [[ ${lines[0]-} == :files ]]; then
          compopt -o default
        else
          COMPREPLY=("${lines[@]%%$'\\t'*}")
          COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*[=:]}"}"}")
        fi
      }
      complete -F _anomalyctl anomalyctl

      """
    case .zsh:
      """
      #compdef anomalyctl
      local -a lines candidates
      local line
      lines=("${(@f)$(anomalyctl complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
      if [[ $lines[1] == :files ]]; then
        _files
        return
      fi
      for line in $lines; do
        candidates+=("${${line%%$'\\t'*}//:/\\\\:}${${(M)line:#*$'\\t'*}:+:${line#*$'\\t'}}")
      done
      _describe anomalyctl candidates

      """
    case .fish:
      """
      # fish completion of anomalyctl
      function __anomalyctl
        set -l words (commandline -opc)
        set -l lines (anomalyctl complete -- $words[2..] (commandline -ct | string collect --allow-empty) 2>/dev/null)
        if test "$lines[1]" = :files
          __fish_complete_path (commandline -ct)
        else
          printf '%s\\n' $lines
        end
      end
      complete -c anomalyctl -f -a '(__anomalyctl)'

      """
    }
  }
}
