# Asks the bash script for completions as readline does, one line each.
source <(vmgs completion bash)
source <(vmgs completion bash)

# Arguments: the line, then its words as bash cuts them.
ask() {
  COMP_LINE=$1 COMP_POINT=${#1}
  COMP_WORDS=("${@:2}")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  offered_files=yes
  _vmgs_complete
  if ((${#COMPREPLY[@]} == 0)) && [[ $offered_files == yes ]]; then COMPREPLY=('(files)'); fi
  echo "$1 => ${COMPREPLY[*]}"
}
# Outside of a completion the builtin only complains; here it tells what it was asked.
compopt() { if [[ $* == '+o default' ]]; then offered_files=no; fi; }

ask 'vmgs insp' vmgs insp
ask 'vmgs inspect ' vmgs inspect ''
ask 'vmgs inspect --gen' vmgs inspect --gen
ask 'vmgs inspect --generation ' vmgs inspect --generation ''
ask 'vmgs inspect --generation=' vmgs inspect --generation =
ask 'vmgs inspect --generation=p' vmgs inspect --generation = p
ask 'vmgs cat a:b.vmgs bios' vmgs cat a : b.vmgs bios
ask "vmgs cat 'my file.vmgs' BI" vmgs cat "'my file.vmgs'" BI
ask 'vmgs cat $(touch ran) BI' vmgs cat '$(touch ran)' BI
ask 'vmgs help life' vmgs help life
[[ -e ran ]] || echo 'nothing that was typed ran'
