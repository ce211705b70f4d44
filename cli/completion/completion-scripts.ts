// Each asks `pilot complete` with the words typed so far, the last of which may be empty, and offers what it prints: lines of a word and,
// behind a tab, what it is about. Where nothing is known to fit there may be files.

const BASH = `_pilot_complete() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(pilot complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
}
complete -F _pilot_complete pilot
`

const ZSH = `_pilot_complete() {
  local line word
  local -a found
  for line in "\${(@f)$(pilot complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    word=\${line%%$'\\t'*}
    [[ -n $word ]] && found+=("\${word//:/\\\\:}\${\${line#"$word"}/$'\\t'/:}")
  done
  (( $#found )) && _describe pilot found || _files
}
compdef _pilot_complete pilot
`

const FISH = `function __pilot_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (pilot complete -- $words[2..-1] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c pilot -f -a '(__pilot_complete)'
`

/** What each shell needs to complete \`pilot\`, to be read by it. */
export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const
