#!/bin/sh
# once.sh NAME PATH... -- COMMAND...: runs the command unless it succeeded before for the same content of the paths.
# Content, not times: a checkout or a clone touches files without changing them. Files that git ignores count only where
# they are named themselves.
set -eu

name=$1
shift
stamp=.cache/stamps/$name
paths=""
while [ "$1" != "--" ]; do
  paths="$paths $1"
  shift
done
shift

# shellcheck disable=SC2086
key=$({
  echo "$*"
  { git ls-files -co --exclude-standard -- $paths; for path in $paths; do [ ! -f "$path" ] || echo "$path"; done; } |
    sort -u | while IFS= read -r file; do [ ! -f "$file" ] || sha256sum "$file"; done
} | sha256sum)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then
  exit 0
fi
"$@"
mkdir -p .cache/stamps
echo "$key" > "$stamp"
