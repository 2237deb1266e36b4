/** Completion scripts. Each hands the words typed so far to `vmgs complete` and never runs what was typed. */

export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

/** The script of a shell, to be sourced. */
export const script = (shell: Shell): string => SCRIPTS[shell];

// Bash cuts words at `=` and `:`; they are put together again first. Works without the package bash-completion.
const BASH = `# bash completion for vmgs; use: source <(vmgs completion bash)
_vmgs_complete() {
  local rest=\${COMP_LINE:0:COMP_POINT} piece blanks line files=0 tab=$'\\t'
  local -a words=()
  local i count=0
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=\${COMP_WORDS[i]}
    blanks=\${rest%%[![:blank:]]*}
    rest=\${rest#"$blanks"}
    if ((i == COMP_CWORD)); then piece=$rest; fi
    if ((count > 0)) && [[ -z $blanks ]]; then words[count - 1]+=$piece; else words[count++]=$piece; fi
    rest=\${rest#"$piece"}
  done
  # What stands before the last piece stays on the line.
  local current=\${words[count - 1]} kept=''
  if [[ \${COMP_WORDS[COMP_CWORD]} == [=:] ]]; then kept=$current; else kept=\${current%"$piece"}; fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :0) files=1 ;;
      :*) ;;
      *) line=\${line%%"$tab"*} && COMPREPLY+=("\${line#"$kept"}") ;;
    esac
  done < <(vmgs complete -- "\${words[@]:1}" 2>/dev/null)
  if ((!files)); then compopt +o default 2>/dev/null; fi
}
complete -o default -F _vmgs_complete vmgs
`;

const ZSH = `#compdef vmgs
# zsh completion for vmgs; use: source <(vmgs completion zsh)
_vmgs() {
  local line files=0
  local -a suggestions
  while IFS= read -r line; do
    case $line in
      :0) files=1 ;;
      :*) ;;
      *) suggestions+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(vmgs complete -- "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)
  if ((files)); then
    compset -P '--*='
    _files
  else
    _describe -t values 'vmgs' suggestions
  fi
}
if [[ \${funcstack[1]} == _vmgs ]]; then
  _vmgs "$@"
else
  compdef _vmgs vmgs
fi
`;

const FISH = `# fish completion for vmgs; use: vmgs completion fish | source
function __vmgs_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer (vmgs complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$answer[-1]" = ':0'
        set -l prefix (string match -r -- '^--[^=]*=' "$current")
        for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current"))
            echo "$prefix$path"
        end
    else
        printf '%s\\n' $answer[1..-2]
    end
end
complete -c vmgs -e
complete -c vmgs -f -a '(__vmgs_complete)'
`;

// Before 7.3, PowerShell drops empty arguments on the way to a program unless they are quoted twice.
const POWERSHELL = `# PowerShell completion for vmgs; use: vmgs completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName vmgs -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        Select-Object -Skip 1 |
        ForEach-Object { "$_" })
    if ($wordToComplete -eq '') {
        $quoted = -not $PSNativeCommandArgumentPassing -or "$PSNativeCommandArgumentPassing" -eq 'Legacy'
        $words += $(if ($quoted) { '""' } else { '' })
    }
    $answer = @(& vmgs complete '--' @words 2>$null)
    $suggestions = @($answer | Where-Object { $_ -and -not $_.StartsWith(':') })
    if ($suggestions.Count -eq 0 -and $answer[-1] -ne ':0') {
        # An empty answer would make PowerShell offer files.
        ''
        return
    }
    foreach ($line in $suggestions) {
        $value, $meaning = $line.Split([char]9, 2)
        if (-not $meaning) { $meaning = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $meaning)
    }
}
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };
