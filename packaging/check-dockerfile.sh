#!/usr/bin/env bash
# Runs the Dockerfile's install steps in a clean folder, where no container engine is at hand, and tries the result as a
# user without rights.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
target=$(mktemp -d)
test -n "$target"
trap 'rm -rf -- "${target:?}"' EXIT

# The first stage's own lines, in their order: COPY as cp, npm as it stands.
stage=$(awk '/^FROM/ { n++ } n == 1' "$here/Dockerfile")
while read -r word rest; do
  case $word in
    COPY)
      # shellcheck disable=SC2206
      parts=($rest)
      to=${parts[-1]}
      unset 'parts[-1]'
      for from in "${parts[@]}"; do
        if [ "$to" = ./ ]; then cp -R "$here/$from" "$target/"; else cp -R "$here/$from" "$target/$to"; fi
      done
      ;;
    RUN)
      case $rest in
        "npm ci --omit=dev"*) (cd "$target" && npm ci --omit=dev) ;;
      esac
      ;;
  esac
done <<<"$stage"

test -x "$target/node_modules/.bin/node" || { echo "the pinned Node is missing from the image" >&2; exit 1; }
chmod -R a+rX "$target"

as_nobody() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$@"
  else
    "$@"
  fi
}

as_nobody "$target/bin/groundswell" --version
as_nobody "$target/bin/groundswell" --help >/dev/null
# What the health check asks: without an agent it must say no.
if as_nobody "$target/bin/groundswell" status --quiet >/dev/null 2>&1; then
  echo "status --quiet succeeds although no agent runs" >&2
  exit 1
fi
for user in $(awk '$1 == "USER" { print $2 }' "$here/Dockerfile"); do test "$user" != root; done
echo "image steps: ok, $(du -sm "$target" | cut -f1) MB"
