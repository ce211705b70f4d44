// Each asks `pilot complete` with the words typed so far, the last of which may be empty, and offers the lines that it prints.

const BASH = `_pilot_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(pilot complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
}
complete -F _pilot_complete pilot
`

const ZSH = `_pilot_complete() {
  local -a found
  found=("\${(@f)$(pilot complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "\${found[1]}" ]] && compadd -- "\${found[@]}" || _files
}
compdef _pilot_complete pilot
`

const FISH = `function __pilot_complete
  set -l words (commandline -opc) (commandline -ct)
  pilot complete -- $words[2..-1] 2>/dev/null
end
complete -c pilot -a '(__pilot_complete)'
`

/** What each shell needs to complete \`pilot\`, to be read by it. */
export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const
